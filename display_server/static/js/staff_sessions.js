// Where people are signed in, and who is who at the single sign-on.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, fill, words, write, askDoor, tell } = motcua;

  const STAFF = "/api/v1/admin/staff/";
  const IDENTITIES = "/api/v1/admin/identities";

  function fail(error) {
    tell(error.message, true);
  }

  motcua.showSessions = async function (member) {
    try {
      listSessions(member, await askDoor(STAFF + member.id + "/sessions"));
      byId("sessions").scrollIntoView({ block: "nearest" });
      byId("sessions").focus({ preventScroll: true });
    } catch (error) {
      fail(error);
    }
  };

  function listSessions(member, { sessions }) {
    byId("sessions").hidden = false;
    byId("nowhere").hidden = sessions.length > 0;
    byId("session-rows").closest("table").hidden = !sessions.length;
    write(byId("sessions-title"), fill(words.sessions_of, member));
    byId("session-rows").replaceChildren(...sessions.map((each) => {
      const texts = [
        each.browser || words.unknown_browser, words.ways[each.how] || each.how,
        motcua.when(each.created_at), motcua.when(each.seen_at), each.address,
      ];
      return motcua.row(texts, [[words.end, () => end(member, each)]], byId("sessions"));
    }));
  }

  function end(member, session) {
    askDoor(STAFF + member.id + "/sessions/" + session.id + "/end", {}).then((answer) => {
      listSessions(member, answer);
      tell(words.ended);
    }, fail);
  }

  function listIdentities({ identities }) {
    byId("identities").hidden = !identities.length;
    byId("identity-rows").replaceChildren(...identities.map((each) => {
      const since = each.confirmed_at && fill(words.since, { time: motcua.when(each.confirmed_at) });
      const buttons = each.confirmed_at
        ? [[words.unbind, () => change(each, "remove", words.sure_unbind, words.unbound)]]
        : [
            [words.confirm, () => change(each, "confirm", words.sure_bind, words.bound)],
            [words.refuse, () => change(each, "remove", "", words.unbound)],
          ];
      return motcua.row([each.name, each.subject, since || words.waits], buttons, byId("identities"));
    }));
  }

  function change(identity, step, sure, told) {
    if (sure && !window.confirm(fill(sure, identity))) return;
    askDoor(IDENTITIES + "/" + identity.id + "/" + step, {}).then((answer) => {
      listIdentities(answer);
      tell(fill(told, identity));
    }, fail);
  }

  askDoor(IDENTITIES).then(listIdentities, fail);
})();
