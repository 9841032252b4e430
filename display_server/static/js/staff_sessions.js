// Where people are signed in, and who is who at the single sign-on.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, format, words, setText, apiRequest, showStatus } = motcua;

  const STAFF = "/api/v1/admin/staff/";
  const MESSAGES = { 404: words.not_found, 409: words.taken, 422: words.invalid, 429: words.too_many };
  const IDENTITIES = "/api/v1/admin/identities";

  function showError(error) {
    showStatus(error.message, true);
  }

  motcua.showSessions = async function (member) {
    try {
      listSessions(member, await apiRequest(STAFF + member.id + "/sessions", undefined, MESSAGES));
      byId("sessions").scrollIntoView({ block: "nearest" });
      byId("sessions").focus({ preventScroll: true });
    } catch (error) {
      showError(error);
    }
  };

  function listSessions(member, { sessions }) {
    byId("sessions").hidden = false;
    byId("nowhere").hidden = sessions.length > 0;
    byId("session-rows").closest("table").hidden = !sessions.length;
    setText(byId("sessions-title"), format(words.sessions_of, member));
    byId("session-rows").replaceChildren(...sessions.map((each) => {
      const texts = [
        each.browser || words.unknown_browser, words.ways[each.how] || each.how,
        motcua.formatWhen(each.created_at), motcua.formatWhen(each.seen_at), each.address,
      ];
      return motcua.tableRow(texts, [[words.end, () => end(member, each)]], byId("sessions"));
    }));
  }

  function end(member, session) {
    apiRequest(STAFF + member.id + "/sessions/" + session.id + "/end", {}, MESSAGES).then((response) => {
      listSessions(member, response);
      showStatus(words.ended);
    }, showError);
  }

  function listIdentities({ identities }) {
    byId("identities").hidden = !identities.length;
    byId("identity-rows").replaceChildren(...identities.map((each) => {
      const since = each.confirmed_at && format(words.since, { time: motcua.formatWhen(each.confirmed_at) });
      /** @type {[string, () => void][]} */
      const buttons = each.confirmed_at
        ? [[words.unbind, () => change(each, "remove", words.sure_unbind, words.unbound)]]
        : [
            [words.confirm, () => change(each, "confirm", words.sure_bind, words.bound)],
            [words.refuse, () => change(each, "remove", "", words.unbound)],
          ];
      return motcua.tableRow([each.name, each.subject, since || words.waits], buttons, byId("identities"));
    }));
  }

  function change(identity, step, sure, message) {
    if (sure && !window.confirm(format(sure, identity))) return;
    apiRequest(IDENTITIES + "/" + identity.id + "/" + step, {}, MESSAGES).then((response) => {
      listIdentities(response);
      showStatus(format(message, identity));
    }, showError);
  }

  apiRequest(IDENTITIES).then(listIdentities, showError);
})();
