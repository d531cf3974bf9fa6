"use strict";
/* Draws openapi.json, which this service gives out itself, as a page.  Nothing else is loaded. */
Words.add({
  title: ["接口说明", "The API"],
  how: [
    "程序在请求头中带上令牌：Authorization: Bearer …。除标明外，请求和答复都是 JSON。",
    "A program sends its token in a header: Authorization: Bearer …. Requests and answers are JSON unless said otherwise.",
  ],
  machine: ["供工具读取：openapi.json", "For tools: openapi.json"],
  unread: ["读不到接口说明，请稍后重试", "The description cannot be read: try again later"],
  given: ["参数", "Parameters"],
  body: ["请求内容", "Body"],
  answers: ["答复", "Answers"],
  name: ["名称", "Name"],
  place: ["位置", "Where"],
  kind: ["类型", "Kind"],
  needed: ["必填", "Required"],
  yes: ["是", "yes"],
  no: ["否", "no"],
  of: ["的列表", "list of "],
  status: ["状态", "Status"],
  meaning: ["含义", "Meaning"],
  query: ["地址 ?", "address ?"],
  path: ["地址", "address"],
  header: ["请求头", "header"],
  cookie: ["Cookie", "cookie"],
});

(() => {
  const byId = (id) => document.getElementById(id);
  const methods = ["get", "post", "put", "patch", "delete", "head"];
  let api = null;

  const make = (tag, text, parent, name) => {
    const element = document.createElement(tag);
    if (text !== undefined) element.textContent = text;
    if (name) element.className = name;
    if (parent) parent.append(element);
    return element;
  };
  const found = (reference) =>
    reference.split("/").slice(1).reduce((place, step) => (place || {})[step], api) || {};
  const whole = (schema) => (schema && schema.$ref ? found(schema.$ref) : schema || {});

  /* A kind in few words, with its bounds. */
  const kind = (given) => {
    const schema = whole(given);
    const several = schema.anyOf || schema.oneOf;
    if (several) return several.map(kind).join(" | ");
    if (schema.const !== undefined) return JSON.stringify(schema.const);
    if (schema.enum) return schema.enum.map((one) => JSON.stringify(one)).join(" | ");
    if (schema.type === "array") return Words.isChinese() ? `${kind(schema.items)} ${Words.say("of")}` : Words.say("of") + kind(schema.items);
    const bounds = [["minLength", "≥"], ["maxLength", "≤"], ["minimum", "≥"], ["maximum", "≤"]]
      .filter(([name]) => schema[name] !== undefined).map(([name, sign]) => `${sign} ${schema[name]}`);
    return [schema.type || "JSON", schema.format || "", ...bounds].filter(Boolean).join(" ");
  };

  const table = (parent, heads, rows) => {
    const drawn = make("table", undefined, parent);
    const head = make("tr", undefined, make("thead", undefined, drawn));
    heads.forEach((key) => { make("th", Words.say(key), head).scope = "col"; });
    const body = make("tbody", undefined, drawn);
    rows.forEach((row) => {
      const line = make("tr", undefined, body);
      row.forEach((cell, place) => {
        if (place === 0) make("code", cell, make("td", undefined, line)); else make("td", cell, line);
      });
    });
  };
  const yes = (given) => Words.say(given ? "yes" : "no");

  const drawBody = (parent, content) => {
    Object.keys(content).forEach((media) => {
      make("h3", `${Words.say("body")}（${media}）`, parent);
      const schema = whole(content[media].schema);
      if (!schema.properties) { make("p", kind(schema), parent); return; }
      const required = schema.required || [];
      table(parent, ["name", "kind", "needed"], Object.keys(schema.properties).map(
        (name) => [name, kind(schema.properties[name]), yes(required.includes(name))]));
    });
  };

  const draw = () => {
    byId("version").textContent = `${api.info.title} ${api.info.version}`;
    byId("paths").textContent = "";
    byId("index").textContent = "";
    const list = make("ul", undefined, byId("index"));
    Object.keys(api.paths).forEach((path) => methods.forEach((method) => {
      const operation = api.paths[path][method];
      if (!operation) return;
      const id = operation.operationId || `${method}-${path}`;
      make("a", `${method.toUpperCase()} ${path}`, make("li", undefined, list)).href = `#${encodeURIComponent(id)}`;
      const section = make("section", undefined, byId("paths"), "operation");
      section.id = id;
      const head = make("h2", undefined, section);
      make("span", method.toUpperCase(), head, "method");
      make("code", ` ${path}`, head);
      make("p", operation.description || operation.summary || "", section).lang = "en";
      const given = operation.parameters || [];
      if (given.length) {
        make("h3", Words.say("given"), section);
        table(section, ["name", "place", "kind", "needed"], given.map(
          (one) => [one.name, Words.say(one.in), kind(one.schema), yes(one.required)]));
      }
      if (operation.requestBody) drawBody(section, whole(operation.requestBody).content || {});
      make("h3", Words.say("answers"), section);
      table(section, ["status", "meaning"], Object.keys(operation.responses).map(
        (status) => [status, operation.responses[status].description || ""]));
    }));
  };

  const say = (language) => {
    Words.choose(language);
    const other = byId("language");
    other.textContent = Words.isChinese() ? "English" : "中文";
    other.lang = Words.isChinese() ? "en" : "zh-CN";
    byId("index").setAttribute("aria-label", Words.say("title"));
    if (api) draw();
  };

  byId("language").addEventListener("click", () => say(Words.isChinese() ? "en" : "zh"));
  say("zh");
  fetch("openapi.json", { credentials: "same-origin", redirect: "error" })
    .then((answer) => { if (!answer.ok) throw new Error(); return answer.json(); })
    .then((plain) => { api = plain; draw(); })
    .catch(() => { byId("fault").textContent = Words.say("unread"); });
})();
