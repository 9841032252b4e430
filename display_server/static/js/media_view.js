// Pictures and videos one after the other, and the running line. What cannot be shown is skipped and told.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, make } = motcua;

  const ASK_EVERY = 60000;
  // A video that has not moved for so long is broken, or too much for this screen.
  const STUCK_AFTER = 10000;
  const BROKEN_REST = 15 * 60000;
  const LETTERS_A_SECOND = 8;

  class MediaView {
    constructor({ url, pictureSeconds, onProblem, onNews }) {
      this.url = url;
      this.pictureMs = pictureSeconds * 1000;
      this.onProblem = onProblem;
      this.onNews = onNews;
      this.items = [];
      this.next = 0;
      this.broken = new Map();
      this.isPlaying = false;
      this.ask();
    }

    ask() {
      fetch(this.url, { headers: { Accept: "application/json" } })
        .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(String(answer.status)))))
        .then((media) => this.take(media))
        .catch(() => {}) // asked again
        .then(() => setTimeout(() => this.ask(), ASK_EVERY));
    }

    take(media) {
      this.items = media.items;
      this.onNews(media);
      media.skipped.forEach((file) => this.onProblem(file.name + ": " + file.reason));
      this.runLine(media.announcements.map((text) => motcua.textOf(text)).join("  •  "));
      if (!this.isPlaying) this.play();
    }

    runLine(text) {
      byId("ticker").hidden = !text;
      motcua.write(byId("ticker-words"), text);
      byId("ticker-words").style.setProperty("animation-duration", Math.max(12, text.length / LETTERS_A_SECOND + 12) + "s");
    }

    address(item) {
      const [path, query] = this.url.split("?");
      return path + "/" + encodeURIComponent(item.name) + "?v=" + item.version + (query ? "&" + query : "");
    }

    isBroken(item) {
      return performance.now() - this.broken.get(this.address(item)) < BROKEN_REST;
    }

    // The next one in the folder's order that is not known to be broken.
    choose() {
      for (let count = 0; count < this.items.length; count += 1) {
        const item = this.items[this.next % this.items.length];
        this.next = (this.next % this.items.length) + 1;
        if (!this.isBroken(item)) return item;
      }
      return null;
    }

    play() {
      const item = this.choose();
      this.isPlaying = item !== null;
      if (!item) return this.idle();
      const shown = item.kind === "video" ? this.video(item) : this.picture(item);
      return shown.catch(() => this.skip(item)).then(() => this.play());
    }

    // Nothing to show: the board of the hall, which says more than an empty frame.
    idle() {
      motcua.empty(byId("media"));
      this.layOut("board");
    }

    layOut(layout) {
      if (document.body.dataset.layout === layout) return;
      document.body.dataset.layout = layout;
      byId("media").hidden = layout === "board";
      window.dispatchEvent(new Event("resize"));
    }

    skip(item) {
      this.broken.set(this.address(item), performance.now());
      this.onProblem(item.name + ": cannot be shown");
    }

    picture(item) {
      return new Promise((resolve, reject) => {
        const picture = make("img");
        picture.alt = "";
        picture.onerror = reject;
        picture.onload = () => {
          this.put(picture);
          setTimeout(resolve, this.pictureMs);
        };
        picture.src = this.address(item);
      });
    }

    video(item) {
      return new Promise((resolve, reject) => {
        const video = make("video");
        video.muted = true;
        video.autoplay = true;
        video.setAttribute("playsinline", "");
        let moved = performance.now();
        const watch = setInterval(() => {
          if (performance.now() - moved > STUCK_AFTER) end(reject);
        }, 1000);
        const end = (how) => {
          clearInterval(watch);
          video.onended = video.onerror = video.ontimeupdate = null;
          video.pause();
          how();
          // Gives the decoder's memory back at once.
          video.removeAttribute("src");
          video.load();
        };
        video.ontimeupdate = () => {
          moved = performance.now();
        };
        video.onended = () => end(resolve);
        video.onerror = () => end(reject);
        video.src = this.address(item);
        this.put(video);
        const playing = video.play();
        if (playing) playing.catch(() => end(reject));
      });
    }

    put(element) {
      const media = byId("media");
      this.layOut("media");
      motcua.empty(media);
      media.appendChild(element);
    }
  }

  motcua.MediaView = MediaView;
})();
