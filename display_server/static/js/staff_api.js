// How the pages of those who work here ask the server: JSON both ways, with the page's own token for every change.
(function () {
  "use strict";
  const motcua = window.motcua;

  // What was typed is kept meanwhile (drafts.js).
  motcua.toSignIn = function () {
    if (motcua.keepDraft) motcua.keepDraft();
    const lang = new URLSearchParams(location.search).get("lang");
    const here = encodeURIComponent(location.pathname + location.search);
    location.assign("/sign-in?next=" + here + (lang ? "&lang=" + encodeURIComponent(lang) : ""));
  };

  // Resolves to the answer, whatever its status; who is not signed in any more comes back after signing in.
  motcua.fetchDoor = async function (path, body) {
    const headers = { Accept: "application/json" };
    if (body) {
      headers["Content-Type"] = "application/json";
      headers["X-CSRFToken"] = document.querySelector("meta[name=csrf-token]").content;
    }
    const answer = await fetch(path, { method: body ? "POST" : "GET", headers, body: body && JSON.stringify(body) });
    if (answer.status === 401) motcua.toSignIn();
    return answer;
  };
})();
