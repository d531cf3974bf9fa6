// Read the one QR code in a PNG with jsQR, which shares no code with zxing; see README.md.
import jsQR from "jsqr";
import { PNG } from "pngjs";
import { answer } from "./stdio.mjs";

await answer(async ({ png }) => {
  const { data, width, height } = PNG.sync.read(Buffer.from(png, "base64"));
  const code = jsQR(new Uint8ClampedArray(data), width, height, {
    inversionAttempts: "dontInvert",
  });
  if (code === null) throw new Error("no QR code found");
  return { text: code.data, version: code.version, modes: code.chunks.map(({ type }) => type) };
});
