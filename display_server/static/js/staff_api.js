// Requests of the staff's pages: JSON both ways, with the page's own CSRF token for every change.
(function () {
  "use strict";
  const motcua = window.motcua;

  // Of this page and session, for every request that changes something.
  motcua.csrfToken = () => /** @type {HTMLMetaElement} */ (document.querySelector("meta[name=csrf-token]")).content;

  // What was typed is kept meanwhile (drafts.js).
  motcua.redirectToSignIn = function () {
    if (motcua.saveDraft) motcua.saveDraft();
    const lang = new URLSearchParams(location.search).get("lang");
    const here = encodeURIComponent(location.pathname + location.search);
    location.assign("/sign-in?next=" + here + (lang ? "&lang=" + encodeURIComponent(lang) : ""));
  };

  // Resolves to the answer, whatever its status; who is not signed in any more comes back after signing in.
  motcua.apiFetch = async function (path, body) {
    const headers = { Accept: "application/json" };
    if (body) {
      headers["Content-Type"] = "application/json";
      headers["X-CSRFToken"] = motcua.csrfToken();
    }
    const response = await fetch(path, { method: body ? "POST" : "GET", headers, body: body && JSON.stringify(body) });
    if (response.status === 401) motcua.redirectToSignIn();
    return response;
  };
})();
