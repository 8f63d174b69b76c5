// Mozilla's Observatory on a page of this machine: every test of it, without its own servers.
//   node observatory.mjs HTTPS_PORT HTTP_PORT PATH
import { ALL_TESTS } from "@mdn/mdn-http-observatory/src/constants.js";
import { retrieve } from "@mdn/mdn-http-observatory/src/retriever/retriever.js";

const [httpsPort, httpPort, path] = process.argv.slice(2);
const seen = await retrieve("localhost", { httpsPort, httpPort, path });
if (!seen.responses.auto) throw new Error(`${path} does not answer`);
console.log(`https://localhost${path}`);
for (const test of ALL_TESTS) {
  const { pass, result } = test(seen);
  console.log(`${pass ? "pass" : "FAIL"}  ${test.name.padEnd(32)}${result}`);
  if (!pass) process.exitCode = 1;
}
