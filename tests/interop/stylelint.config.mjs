// What the pages' style sheets may use: what Chromium 90 has.
export default {
  plugins: ["stylelint-no-unsupported-browser-features"],
  rules: {
    "plugin/no-unsupported-browser-features": [
      true,
      { severity: "error", browsers: ["chrome 90"], ignorePartialSupport: true },
    ],
    // What the data of the rule above does not hold.
    "function-disallowed-list": ["color-mix", "oklch", "oklab", "lab", "lch", "light-dark"],
    "property-disallowed-list": ["accent-color", "text-wrap", "translate", "rotate", "scale", "scrollbar-gutter"],
  },
};
