"""A digest as it is read out over the telephone: groups of hex, or Chinese office words.

Both tell the whole digest.  A shortened one would not do: whoever drafts a document can look for
two drafts whose short digests are alike.
"""

from __future__ import annotations

from typing import Final

_GROUP: Final = 4

# One word for each value of a byte, all different in sight and in sound.
_TABLE: Final = """
申请 受理 审核 批准 签发 送达 归档 公示 登记 变更 注销 延续 补办 换证 查询 互认
窗口 柜台 大厅 值班 叫号 排队 取件 回执 公章 印泥 信封 邮票 电话 传真 打印 扫描
文件 目录 清单 附录 摘要 标题 页码 段落 表格 图纸 卷宗 档案 笔录 日志 台账 报告
会议 议程 发言 表决 记录 主持 列席 纪要 通知 公告 请示 批复 函件 决定 意见 方案
科长 主任 秘书 会计 出纳 司机 保安 律师 医生 护士 教师 工人 农民 商户 船员 牧民
铅笔 钢笔 毛笔 橡皮 尺子 圆规 胶水 剪刀 订书 夹子 图钉 白板 黑板 粉笔 墨盒 硒鼓
键盘 鼠标 屏幕 硬盘 网线 插座 电池 灯泡 风扇 空调 暖气 水壶 茶杯 毛巾 拖把 扫帚
桌子 椅子 沙发 柜子 抽屉 书架 窗帘 地毯 门锁 钥匙 台阶 走廊 电梯 楼梯 阳台 屋顶
公路 铁路 航线 隧道 桥梁 码头 车站 机场 港口 仓库 加油 停车 路灯 红灯 斑马 护栏
卡车 客车 轿车 摩托 单车 轮船 飞机 火箭 地铁 缆车 拖拉 吊车 雪橇 帆船 木筏 马车
春天 夏季 秋风 冬雪 早晨 中午 黄昏 夜里 昨日 明年 周末 假期 节气 端午 重阳 元宵
东门 南街 西湖 北桥 左岸 右侧 前方 后院 上游 下游 内部 外围 中央 边缘 角落 顶端
苹果 香蕉 葡萄 西瓜 橘子 桃花 李树 杏仁 核桃 花生 大豆 玉米 小麦 水稻 棉花 茶叶
老虎 狮子 大象 熊猫 猴子 兔子 绵羊 水牛 骆驼 孔雀 喜鹊 燕子 鲤鱼 螃蟹 蜜蜂 蝴蝶
太阳 月亮 星星 云彩 雷电 彩虹 露珠 冰雹 高山 平原 沙漠 草地 森林 河流 海洋 岛屿
红旗 黄金 绿豆 蓝图 紫薇 灰尘 银杏 铜锣 锡纸 玻璃 陶瓷 丝绸 皮革 塑料 水泥 砖头
"""
WORDS: Final = tuple(_TABLE.split())


def spoken_hex(digest: str) -> str:
    """Return a digest in groups of four hex digits."""
    return " ".join(digest[start : start + _GROUP] for start in range(0, len(digest), _GROUP))


def spoken_words(digest: str) -> str:
    """Return a digest as one word for each byte.

    Raises:
        ValueError: ``digest`` is not hex.
    """
    return " ".join(WORDS[value] for value in bytes.fromhex(digest))
