// What the pages' programs may use: ES2020, and of the browser what Chromium 90 has.
import compat from "eslint-plugin-compat";
import esx from "eslint-plugin-es-x";

export default [
  {
    files: ["**/*.js"],
    languageOptions: { ecmaVersion: 2020, sourceType: "script" },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    plugins: { compat, "es-x": esx },
    // Aggressive: a method is known by its name alone, for nothing here tells types.
    settings: { "es-x": { aggressive: true }, browsers: ["chrome 90"], lintAllEsApis: true },
    rules: {
      ...esx.configs["flat/restrict-to-es2020"].rules,
      // Newer than ES2020, and in Chromium 85.
      "es-x/no-string-prototype-replaceall": "off",
      "es-x/no-promise-any": "off",
      // Known by its call: answers of the service have a member of this name.
      "es-x/no-array-prototype-at": "off",
      "es-x/no-string-prototype-at": "off",
      "no-restricted-syntax": ["error",
        { selector: "CallExpression[callee.property.name='at']", message: "Chromium 92" }],
      "compat/compat": "error",
      // What the data of the rule above does not hold.
      "no-restricted-properties": ["error",
        { object: "AbortSignal", property: "timeout", message: "Chromium 103" },
        { object: "AbortSignal", property: "any", message: "Chromium 116" },
        { property: "showPopover", message: "Chromium 114" },
        { property: "checkVisibility", message: "Chromium 105" },
        { property: "inert", message: "Chromium 102" }],
    },
  },
];
