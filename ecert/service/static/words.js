"use strict";
/* What the pages say, in both languages.  Each page adds its own words; what a verdict says comes
   from the service. */
const Words = (() => {
  const table = {
    signIn: ["登录", "Sign in"],
    signOut: ["退出", "Sign out"],
    token: ["本窗口的令牌", "This window's token"],
    notAuthorised: ["令牌不对，或已失效", "The token is wrong or no longer good"],
    failed: ["服务出错，无法核验，请重试", "The service failed: nothing was checked; try again"],
    tooLarge: ["图片过大，请裁剪后重试", "The picture is too large: crop it and try again"],
    offline: [
      "连接不上本机服务，无法核验。请检查网络或联系管理员",
      "The service does not answer: nothing can be checked. Look at the network or tell the administrator",
    ],
    minutes: ["分钟前", "min ago"],
    hours: ["小时前", "h ago"],
    days: ["天前", "days ago"],
    note: ["提示", "Note"],
    demo: ["演示密钥，不得作为办理依据", "Demonstration keys: no basis for business"],
    reason: ["原因", "Reason"],
    next: ["下一步", "Next"],
  };
  let place = 0;
  return {
    add: (more) => Object.assign(table, more),
    say: (key) => (table[key] ? table[key][place] : key),
    both: (pair) => (pair ? pair[place === 0 ? "zh" : "en"] : ""),
    isChinese: () => place === 0,
    colon: () => (place === 0 ? "：" : ": "),
    choose(language) {
      place = language === "en" ? 1 : 0;
      document.documentElement.lang = place === 0 ? "zh-CN" : "en";
      document.title = table.title[place];
      document.querySelectorAll("[data-word]").forEach((element) => {
        element.textContent = table[element.dataset.word][place];
      });
    },
  };
})();
