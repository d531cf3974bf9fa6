"use strict";
/* Reads codes from the camera, in this machine; where WebAssembly may not run, the service reads. */
const Camera = (() => {
  const EVERY = 250, SIDE = 1280;
  let stream = null, timer = 0, reader = null;

  const load = () => {
    if (!reader) {
      reader = new Promise((resolve, reject) => {
        /* The reader asks for it; Chromium has it since 93. */
        // eslint-disable-next-line es-x/no-object-hasown
        if (!Object.hasOwn) { Object.hasOwn = (object, key) => Object.prototype.hasOwnProperty.call(object, key); }
        const script = document.createElement("script");
        script.src = "static/zxing-reader.js";
        script.onload = () => {
          ZXingWASM.prepareZXingModule({
            overrides: { locateFile: (name) => `static/${name}` }, fireImmediately: true,
          }).then(() => resolve(ZXingWASM), reject);
        };
        script.onerror = reject;
        document.head.append(script);
      });
    }
    return reader;
  };

  const frame = (video) => {
    const scale = Math.min(1, SIDE / Math.max(video.videoWidth, video.videoHeight));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(video.videoWidth * scale);
    canvas.height = Math.round(video.videoHeight * scale);
    canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
    return canvas;
  };

  const stop = (video) => {
    window.clearTimeout(timer);
    if (stream) stream.getTracks().forEach((track) => track.stop());
    stream = null;
    video.srcObject = null;
  };

  return {
    isOn: () => stream !== null,
    stop,
    async start(video, onCode, onPicture) {
      if (!navigator.mediaDevices || !navigator.mediaDevices.getUserMedia) throw new Error("cameraAbsent");
      try {
        stream = await navigator.mediaDevices.getUserMedia({
          audio: false, video: { facingMode: "environment", width: { ideal: 1280 } },
        });
      } catch (error) { throw new Error("cameraRefused"); }
      video.srcObject = stream;
      await video.play();
      let zxing = null;
      try { zxing = await load(); } catch (error) { zxing = null; }
      const look = async () => {
        if (!stream) return;
        if (video.videoWidth) {
          const canvas = frame(video);
          if (zxing) {
            const image = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
            const found = await zxing.readBarcodes(image, { formats: ["QRCode"], tryHarder: true, maxNumberOfSymbols: 2 });
            const codes = found.filter((one) => one.isValid && /^[0-9]{24,}$/.test(one.text)).map((one) => one.text);
            if (codes.length && stream) { onCode(codes[0]); return; }
          } else {
            const blob = await new Promise((resolve) => { canvas.toBlob(resolve, "image/png"); });
            if (stream && await onPicture(blob)) return;
          }
        }
        timer = window.setTimeout(look, zxing ? EVERY : 4 * EVERY);
      };
      look();
    },
  };
})();
