// How the pages of those who work here ask the server: JSON both ways, with the page's own token for every change.
(function () {
  "use strict";
  const motcua = window.motcua;

  // Resolves to the answer, whatever its status; who is not signed in any more comes back after signing in.
  motcua.fetchDoor = async function (path, body) {
    const headers = { Accept: "application/json" };
    if (body) {
      headers["Content-Type"] = "application/json";
      headers["X-CSRFToken"] = document.querySelector("meta[name=csrf-token]").content;
    }
    const answer = await fetch(path, { method: body ? "POST" : "GET", headers, body: body && JSON.stringify(body) });
    if (answer.status === 401) location.assign("/sign-in?next=" + location.pathname);
    return answer;
  };
})();
