"use strict";
/* What the page says, in both languages.  What a verdict says comes from the service. */
const Words = (() => {
  const table = {
    title: ["证照核验", "Licence check"],
    signIn: ["登录", "Sign in"],
    signOut: ["退出", "Sign out"],
    token: ["本窗口的令牌", "This window's token"],
    matter: ["事项或应用场景", "Matter or scene"],
    favourite: ["收藏", "Keep as favourite"],
    favourites: ["收藏的事项", "Favourite matters"],
    challenge: ["窗口验证数字（如有）", "Number this window showed, if any"],
    ready: ["请扫描亮证码", "Scan a show code"],
    readyHow: [
      "扫码枪直接扫，无需点击；也可用摄像头、选图片或粘贴",
      "Just scan, no click is needed; or use the camera, choose a picture, or paste",
    ],
    useCamera: ["摄像头（F2）", "Camera (F2)"],
    stopCamera: ["关闭摄像头（F2）", "Stop camera (F2)"],
    choose: ["选择图片", "Choose a picture"],
    clear: ["清屏（Esc）", "Clear (Esc)"],
    hold: ["暂不清屏", "Do not clear"],
    sound: ["提示音", "Sounds"],
    clearAfter: ["自动清屏", "Clears after"],
    checking: ["正在核验……", "Checking …"],
    licence: ["证照", "Licence"],
    original: ["原名", "Called there"],
    issuer: ["颁发机构", "Issuer"],
    holder: ["持证主体", "Holder"],
    noName: ["（未出示姓名）", "(name not shown)"],
    lastFour: ["号码后四位", "number ends in"],
    wholeNumber: ["号码", "number"],
    agent: ["代办人", "Agent"],
    officer: ["经办人", "Agent"],
    holdersDiffer: ["这些证照的持证人不同，请分别核对", "These licences are of different holders: compare each"],
    number: ["证照编号", "Licence number"],
    until: ["有效期至", "Valid until"],
    noEnd: ["长期", "no end"],
    basis: ["依据", "Basis"],
    note: ["提示", "Note"],
    sample: ["【样例，不得作为办理依据】", "[a sample: no basis for business]"],
    demo: ["演示密钥，不得作为办理依据", "Demonstration keys: no basis for business"],
    reason: ["原因", "Reason"],
    next: ["下一步", "Next"],
    part: ["第", "Part"],
    took: ["用时", "took"],
    purpose: ["加注件，仅限用于", "Purpose copy, only for"],
    portrait: ["持证人照片，请与本人核对", "Photo of the holder: compare with the person"],
    offline: [
      "连接不上本机服务，无法核验。请检查网络或联系管理员",
      "The service does not answer: nothing can be checked. Look at the network or tell the administrator",
    ],
    notAuthorised: ["令牌不对，或已失效", "The token is wrong or no longer good"],
    failed: ["服务出错，无法核验，请重试", "The service failed: nothing was checked; try again"],
    tooLarge: ["图片过大，请裁剪后重试", "The picture is too large: crop it and try again"],
    altNumpad: [
      "扫码枪处于 Alt+小键盘 模式，请改为标准键盘模式",
      "The scanner types with Alt and the keypad: set it to plain keyboard mode",
    ],
    notDigits: ["读到的不是亮证码，请重新扫描", "That was not a show code: scan again"],
    cameraAbsent: [
      "此浏览器在本地址不能使用摄像头（需要 https）。请用“选择图片”",
      "The camera cannot be used at this address (https is needed). Choose a picture instead",
    ],
    cameraRefused: ["摄像头未获准使用或被占用", "The camera was not allowed, or is in use"],
    cameraOn: ["请将亮证码对准摄像头", "Hold the code in front of the camera"],
    fresh: ["名单有效", "lists in date"],
    old: [
      "名单较旧，请尽快联网更新",
      "Lists are getting old: update them soon",
    ],
    expired: [
      "有名单已过期：相关证照将显示“无法核验”。请联网更新",
      "Some lists have run out: licences that need them cannot be verified. Update the lists",
    ],
    nothing: ["本机尚无任何名单，无法核验", "This machine has no lists: nothing can be verified"],
    minutes: ["分钟前", "min ago"],
    hours: ["小时前", "h ago"],
    days: ["天前", "days ago"],
    statusList: ["状态表", "Status list"],
    recognitionList: ["互认清单", "Recognition list"],
    scene: ["应用场景", "Scene"],
    noneFound: ["没有找到", "Nothing found"],
  };
  let place = 0;
  return {
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
