// Two people at one counter: each is told of the other, before a press takes the counter over and after it.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, write, fill, words } = motcua;

  const TOLD_FOR = 60000;

  class Colleague {
    // self: the name of who is signed in here.
    constructor(self) {
      this.self = self;
      this.before = null;
      this.wasMine = false;
      this.tookFrom = null;
    }

    draw(counter) {
      const now = counter.clerk;
      if (now === this.self) this.mine();
      this.before = now;
      this.show(counter);
    }

    mine() {
      if (this.before && this.before !== this.self) {
        this.tookFrom = this.before;
        this.until = performance.now() + TOLD_FOR;
      }
      this.wasMine = true;
    }

    show(counter) {
      const text = this.text(counter);
      byId("colleague").hidden = !text;
      write(byId("colleague"), text);
    }

    text({ clerk }) {
      if (!clerk) return "";
      if (clerk !== this.self) return fill(this.wasMine ? words.taken_over : words.colleague_here, { name: clerk });
      if (this.tookFrom && performance.now() < this.until) return fill(words.took_over, { name: this.tookFrom });
      return "";
    }
  }

  motcua.Colleague = Colleague;
})();
