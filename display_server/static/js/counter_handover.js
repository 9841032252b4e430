// Two people at one counter: each sees the other's name, before and after one takes the counter over.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, setText, format, words } = motcua;

  const SHOWN_FOR_MS = 60000;

  class HandoverNotice {
    // self: the name of who is signed in here.
    constructor(ownName) {
      this.ownName = ownName;
      this.before = null;
      this.wasMine = false;
      this.tookFrom = null;
      this.until = 0;
    }

    draw(counter) {
      const now = counter.clerk;
      if (now === this.ownName) this.noteOwnCounter();
      this.before = now;
      this.show(counter);
    }

    noteOwnCounter() {
      if (this.before && this.before !== this.ownName) {
        this.tookFrom = this.before;
        this.until = performance.now() + SHOWN_FOR_MS;
      }
      this.wasMine = true;
    }

    show(counter) {
      const text = this.text(counter);
      byId("handover").hidden = !text;
      setText(byId("handover"), text);
    }

    text({ clerk }) {
      if (!clerk) return "";
      if (clerk !== this.ownName) return format(this.wasMine ? words.taken_over : words.colleague_here, { name: clerk });
      if (this.tookFrom && performance.now() < this.until) return format(words.took_over, { name: this.tookFrom });
      return "";
    }
  }

  motcua.HandoverNotice = HandoverNotice;
})();
