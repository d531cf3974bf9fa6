// One JSON request on stdin, one JSON answer on stdout: {"ok":true,...} or {"ok":false,"error":"..."}.
// A request that is not JSON is the caller's mistake: exit 2, nothing on stdout.
// Nothing a request contains is ever fetched.
globalThis.fetch = () => {
  throw new Error("no network in the interoperability tests");
};

/** Read the request, let `handle` answer it, and print the answer. */
export async function answer(handle) {
  let request;
  try {
    const parts = [];
    // Not at once and whole: a pipe that is not full yet would be an error.
    for await (const part of process.stdin) parts.push(part);
    request = JSON.parse(Buffer.concat(parts).toString("utf8"));
  } catch (error) {
    process.stderr.write(`not a JSON request: ${error.message}\n`);
    process.exit(2);
  }
  let reply;
  try {
    reply = { ok: true, ...(await handle(request)) };
  } catch (error) {
    reply = { ok: false, error: error.message };
  }
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}

/** The public half of an EC key. */
export function publicPart({ kty, crv, x, y }) {
  return { kty, crv, x, y };
}
