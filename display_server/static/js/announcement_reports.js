// An enrolled display tells the server which calls it has announced: a visitor's time to come counts from then on.
(function () {
  "use strict";
  const motcua = window.motcua;

  const TRY_AGAIN_AFTER = 2000;
  const MOST_AT_ONCE = 100;

  class AnnouncedReports {
    constructor({ url }) {
      this.url = url;
      this.waiting = [];
      this.spoken = [];
      this.isSending = false;
    }

    // spoken: false for a call that was only shown.
    tell(seq, spoken) {
      if (this.spoken.includes(seq)) return;
      if (spoken) this.spoken = this.spoken.concat(seq).slice(-MOST_AT_ONCE);
      this.waiting.push({ seq, spoken });
      this.send();
    }

    send() {
      if (this.isSending || !this.waiting.length) return;
      const { spoken } = this.waiting[0];
      const sent = this.waiting.filter((one) => one.spoken === spoken).slice(0, MOST_AT_ONCE);
      this.isSending = true;
      this.post({ seqs: sent.map((one) => one.seq), spoken }).then((isDone) => {
        if (isDone) this.waiting = this.waiting.filter((one) => !sent.includes(one));
        setTimeout(
          () => {
            this.isSending = false;
            this.send();
          },
          isDone ? 0 : TRY_AGAIN_AFTER,
        );
      });
    }

    // -> whether the server has it, or will never take it.
    post(body) {
      return fetch(this.url, {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json" },
        body: JSON.stringify(body),
      }).then(
        (answer) => answer.status < 500 && answer.status !== 429,
        () => false,
      );
    }
  }

  motcua.AnnouncedReports = AnnouncedReports;
})();
