"use strict";
/* Words that the office pages share. */
Words.add({
  officeToken: ["令牌", "Token"],
  accepted: ["√ 核验通过", "√ Verified"],
  "not-recognised": ["△ 不在互认范围", "△ Not recognised"],
  refused: ["× 不予认可", "× Refused"],
  undetermined: ["? 无法核验", "? Cannot tell"],
  forbidden: ["此令牌无权使用本页", "This token does not open this page"],
  officeFailed: ["服务出错，请重试", "The service failed: try again"],
  officeOffline: ["连接不上本机服务，显示的可能已不是最新情况", "The service does not answer: what is shown may be out of date"],
  number: ["编号", "Number"],
});
