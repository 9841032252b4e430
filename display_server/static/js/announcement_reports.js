// An enrolled display reports to the server which calls it has announced: a visitor's time to come counts from then on.
(function () {
  "use strict";
  const motcua = window.motcua;

  const RETRY_MS = 2000;
  const BATCH_SIZE = 100;

  class AnnouncementReports {
    constructor({ url }) {
      this.url = url;
      this.pending = [];
      this.spoken = [];
      this.isSending = false;
    }

    // spoken: false for a call that was only shown.
    report(seq, spoken) {
      if (this.spoken.includes(seq)) return;
      if (spoken) this.spoken = this.spoken.concat(seq).slice(-BATCH_SIZE);
      this.pending.push({ seq, spoken });
      this.send();
    }

    send() {
      if (this.isSending || !this.pending.length) return;
      const { spoken } = this.pending[0];
      const sent = this.pending.filter((one) => one.spoken === spoken).slice(0, BATCH_SIZE);
      this.isSending = true;
      this.post({ seqs: sent.map((one) => one.seq), spoken }).then((isDone) => {
        if (isDone) this.pending = this.pending.filter((one) => !sent.includes(one));
        setTimeout(
          () => {
            this.isSending = false;
            this.send();
          },
          isDone ? 0 : RETRY_MS,
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
        (response) => response.status < 500 && response.status !== 429,
        () => false,
      );
    }
  }

  motcua.AnnouncementReports = AnnouncementReports;
})();
