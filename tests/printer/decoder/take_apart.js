// Prints what npos makes of ESC/POS bytes on stdin: one JSON line a command, with its place in the bytes.
const npos = require("npos");
const chunks = [];
process.stdin.on("data", (chunk) => chunks.push(chunk)).on("end", async () => {
  const { tree } = await npos.parser().parse(Buffer.concat(chunks));
  for (const { ascii, fn, offset, length, width, height } of tree) console.log(JSON.stringify({ ascii, fn, offset, length, width, height }));
});
