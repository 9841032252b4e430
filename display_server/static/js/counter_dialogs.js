// The dialogs: why a visitor is put on hold, where one is transferred, which number is called, what the counter does.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, createElement, setText, words } = motcua;

  const NUMBER = /^[A-Z]{1,3}\d{3,6}$/;

  // "Sở Lao động" is found by "so lao dong", as people type without a Vietnamese keyboard.
  const plain = (text) =>
    text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/đ/g, "d").replace(/Đ/g, "D").toLowerCase();

  // How well a choice fits what was typed: whole words before beginnings of words, those before parts; -1: not at all.
  const rankOf = function (row, query) {
    if (!query) return 0;
    if (row.exact.includes(query)) return 4;
    const padded = " " + row.found.replace(/[^\p{L}\p{N}]+/gu, " ") + " ";
    if (padded.includes(" " + query + " ")) return 3;
    if (padded.includes(" " + query)) return 2;
    return row.found.includes(query) ? 1 : -1;
  };

  const onSubmit = (form, act) =>
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      act();
    });

  class ParkDialog {
    constructor(onPark) {
      this.dialog = motcua.prepareDialog(byId("park-dialog"));
      words.reasons.forEach((reason, at) => this.choice(reason, at + 1, onPark));
      onSubmit(byId("park-form"), () => motcua.confirmNote("park-reason") && this.done(byId("park-reason").value.trim(), onPark));
    }

    choice(reason, digit, onPark) {
      const button = createElement("button", "button");
      button.type = "button";
      button.dataset.digit = digit;
      button.appendChild(createElement("span", "", reason));
      button.appendChild(createElement("kbd", "", digit));
      button.addEventListener("click", () => this.done(reason, onPark));
      byId("park-reasons").appendChild(button);
    }

    open() {
      motcua.resetNote("park-reason");
      motcua.openDialog(this.dialog);
      byId("park-reasons").firstElementChild.focus();
    }

    done(reason, onPark) {
      this.dialog.close();
      onPark(reason ? { reason } : {});
    }
  }

  class TransferDialog {
    constructor(names, ownCounter, onTransfer) {
      this.names = names;
      this.ownCounter = ownCounter;
      this.dialog = motcua.prepareDialog(byId("transfer-dialog"));
      this.search = byId("transfer-search");
      this.titles = [];
      this.rows = [];
      this.order = [];
      this.search.addEventListener("input", () => this.filter());
      this.search.addEventListener("keydown", (event) => this.stepDown(event));
      this.onTransfer = onTransfer;
      onSubmit(byId("transfer-form"), () => this.done(onTransfer));
    }

    // step: "transfer" sends the visitor on now; "then" adds a department to go to afterwards.
    open(step = "transfer") {
      this.step = step;
      const isTransfer = step === "transfer";
      setText(byId("transfer-title"), isTransfer ? words.send_on : words.one_more_service);
      setText(byId("transfer-hint"), isTransfer ? words.place_is_kept : words.goes_on_by_itself);
      setText(byId("transfer-send").firstElementChild, isTransfer ? words.send : words.add);
      byId("transfer-more").hidden = !isTransfer;
      this.search.value = "";
      motcua.resetNote("transfer-note");
      this.rows = [];
      motcua.clear(byId("transfer-targets"));
      byId("transfer-none").hidden = true;
      byId("transfer-loading").hidden = false;
      motcua.openDialog(this.dialog);
      // Who sits where changes during the day: nothing is offered before it was loaded anew.
      this.submitWhenLoaded = false;
      this.names.load().then(() => this.layOut());
    }

    layOut() {
      if (!this.dialog.open) return;
      const list = byId("transfer-targets");
      byId("transfer-loading").hidden = true;
      motcua.clear(list);
      this.rows = [];
      this.titles = [];
      let kind = null;
      this.targets().forEach((target) => {
        if (target.kind !== kind) this.titles.push(list.appendChild(createElement("p", "targets-title", words[target.kind + "s"])));
        kind = target.kind;
        list.appendChild(this.row(target));
      });
      this.order = Array.from(list.children);
      list.scrollTop = 0;
      this.filter();
      // Enter came before the list: taken only where it can mean nothing else.
      const chosen = this.rows.find((row) => row.radio.checked);
      if (this.submitWhenLoaded && chosen && chosen.rank === 4) this.done(this.onTransfer);
    }

    targets() {
      const targets = this.names.targets(this.ownCounter, document.body.dataset.clerk);
      return this.step === "transfer" ? targets : targets.filter((target) => target.kind === "department");
    }

    row(target) {
      const label = createElement("label", "target");
      const radio = label.appendChild(createElement("input"));
      radio.type = "radio";
      radio.name = "target";
      label.appendChild(createElement("b", "target-mark", target.mark));
      const names = label.appendChild(createElement("span", "target-name", target.name));
      if (target.whole && target.whole !== target.name) names.appendChild(createElement("small", "muted", target.whole));
      if (target.kind !== "department" && target.also) names.appendChild(createElement("small", "muted", target.also));
      this.rows.push({
        target, label, radio,
        exact: [target.mark, target.name, target.code].map(plain),
        found: plain([target.name, target.whole, target.mark, target.also].join(" ")),
      });
      return label;
    }

    // The best of those that fit comes first and is chosen, so that a few letters and Enter are enough.
    filter() {
      const query = plain(this.search.value.trim());
      this.rows.forEach((row) => {
        row.rank = rankOf(row, query);
        row.label.hidden = row.rank < 0;
        row.radio.checked = false;
      });
      this.titles.forEach((title) => {
        title.hidden = Boolean(query);
      });
      const matches = this.rows.filter((row) => row.rank >= 0).sort((one, other) => other.rank - one.rank); // stable
      const list = byId("transfer-targets");
      (query ? matches.map((row) => row.label) : this.order).forEach((each) => list.appendChild(each));
      if (query && matches.length) {
        matches[0].radio.checked = true;
        list.scrollTop = 0;
      }
      byId("transfer-none").hidden = matches.length > 0 || !this.rows.length;
    }

    stepDown(event) {
      if (event.key !== "ArrowDown") return;
      const shown = this.rows.filter((row) => !row.label.hidden).sort((one, other) => other.rank - one.rank);
      const choice = shown.find((row) => row.radio.checked) || shown[0];
      if (!choice) return;
      event.preventDefault();
      choice.radio.checked = true;
      choice.radio.focus();
    }

    done(onTransfer) {
      const row = this.rows.find((one) => one.radio.checked);
      this.submitWhenLoaded = !this.rows.length;
      if (!row) return this.search.focus();
      if (this.step === "transfer" && !motcua.confirmNote("transfer-note")) return undefined;
      this.dialog.close();
      const body = { [row.target.kind]: row.target.code };
      const note = byId("transfer-note").value.trim();
      const whole = note && this.step === "transfer" ? Object.assign(body, { note }) : body;
      return onTransfer(this.step, whole, row.target.name);
    }
  }

  class CallDialog {
    constructor(onCall) {
      this.dialog = motcua.prepareDialog(byId("call-dialog"));
      onSubmit(byId("call-form"), () => this.done(onCall));
    }

    open() {
      byId("call-number").value = "";
      byId("call-wrong").hidden = true;
      motcua.openDialog(this.dialog);
    }

    done(onCall) {
      const number = byId("call-number").value.replace(/[\s.-]/g, "").toUpperCase();
      byId("call-wrong").hidden = NUMBER.test(number);
      setText(byId("call-wrong"), words.malformed_number);
      if (!NUMBER.test(number)) return byId("call-number").select();
      this.dialog.close();
      return onCall({ number });
    }
  }

  class MenuDialog {
    constructor(onStep) {
      this.dialog = motcua.prepareDialog(byId("menu-dialog"));
      /** @type {NodeListOf<HTMLElement>} */ (this.dialog.querySelectorAll("[data-counter-step]")).forEach((button) =>
        button.addEventListener("click", () => {
          if (button.dataset.counterStep === "break" && !motcua.confirmNote("break-reason")) return;
          this.dialog.close();
          onStep(button.dataset.counterStep, this.body(button.dataset));
        }),
      );
    }

    body(data) {
      const reason = byId("break-reason").value.trim();
      const minutes = Number(data.minutes);
      const isBreak = data.counterStep === "break";
      return Object.assign({}, minutes ? { minutes } : {}, isBreak && reason ? { reason } : {});
    }

    open() {
      motcua.resetNote("break-reason");
      motcua.openDialog(this.dialog);
    }

    close() {
      this.dialog.close();
    }
  }

  // Closing, or a break, that leaves people without an open counter: asked first, the harmless answer is at hand.
  class LastCounterDialog {
    constructor(onConfirm) {
      this.dialog = motcua.prepareDialog(byId("last-dialog"));
      byId("last-yes").addEventListener("click", () => {
        this.dialog.close();
        onConfirm(this.action);
      });
    }

    open(action, queues) {
      this.action = action;
      const list = byId("last-queues");
      motcua.clear(list);
      queues.forEach((queue) => {
        const text = motcua.format(motcua.words.last_queue, { queue: motcua.shortOf(queue), n: queue.waiting });
        list.appendChild(motcua.createElement("li", "", text));
      });
      motcua.setText(byId("last-yes"), action.step === "break" ? motcua.words.last_break : motcua.words.last_close);
      motcua.openDialog(this.dialog);
      byId("last-no").focus();
    }
  }

  motcua.plainText = plain;
  Object.assign(motcua, { ParkDialog, TransferDialog, CallDialog, MenuDialog, LastCounterDialog });
})();
