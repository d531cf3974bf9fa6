// What in {files: {name: text}} (.js, .css) does Chromium 90 not have?  See README.md.
import { fileURLToPath } from "node:url";
import { ESLint } from "eslint";
import stylelint from "stylelint";
import { answer } from "./stdio.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const eslint = new ESLint({ cwd: here, overrideConfigFile: `${here}eslint.config.mjs` });

async function faultsOf(name, text) {
  if (name.endsWith(".js")) {
    const [{ messages }] = await eslint.lintText(text, { filePath: name });
    return messages.map(({ line, ruleId, message }) => `${name}:${line}: ${ruleId}: ${message}`);
  }
  const { results } = await stylelint.lint({
    code: text, codeFilename: `${here}${name}`, configFile: `${here}stylelint.config.mjs`,
  });
  return results.flatMap(({ warnings }) => warnings.map(({ line, text: said }) => `${name}:${line}: ${said}`));
}

await answer(async ({ files }) => {
  const found = await Promise.all(Object.entries(files).map(([name, text]) => faultsOf(name, text)));
  return { faults: found.flat() };
});
