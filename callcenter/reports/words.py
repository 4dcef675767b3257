"""The words of exported reports. Those of the figures are the console's own, which a test holds them to."""

from __future__ import annotations

from typing import Literal

Language = Literal["zh", "en"]

COLUMNS: dict[str, dict[Language, str]] = {
    "begin": {"zh": "开始", "en": "From"},
    "end": {"zh": "结束", "en": "To"},
    "centre": {"zh": "范围", "en": "Of"},
    "queue": {"zh": "队列", "en": "Queue"},
    "agent": {"zh": "坐席", "en": "Agent"},
    "whole": {"zh": "合计", "en": "Total"},
    "all": {"zh": "全部", "en": "All"},
    "seconds": {"zh": "（秒）", "en": " (s)"},
}

FIGURES: dict[str, dict[Language, str]] = {
    "calls_in": {"zh": "来电总量", "en": "Calls in"},
    "human_requests": {"zh": "请求人工", "en": "Asked for a human"},
    "connect_rate": {"zh": "接通率", "en": "Connect rate"},
    "connect_rate_of_all": {"zh": "接通率（全部来电）", "en": "Connect rate of all calls"},
    "connected_within_15": {"zh": "15 秒人工接通率", "en": "Within 15 s"},
    "connected_within_20": {"zh": "20 秒人工接通率", "en": "Within 20 s"},
    "connected_within_30": {"zh": "30 秒人工接通率", "en": "Within 30 s"},
    "answer_rate_20": {"zh": "20 秒应答率", "en": "Answer rate 20 s"},
    "loss_rate": {"zh": "呼损率", "en": "Loss rate"},
    "occupancy": {"zh": "坐席占用率", "en": "Occupancy"},
    "utilisation": {"zh": "工时利用率", "en": "Utilisation"},
    "offered": {"zh": "排队量", "en": "Offered"},
    "answered": {"zh": "已接通", "en": "Answered"},
    "abandoned": {"zh": "放弃", "en": "Abandoned"},
    "short_abandoned": {"zh": "短时放弃", "en": "Short abandons"},
    "overflowed": {"zh": "溢出", "en": "Overflowed"},
    "key_exits": {"zh": "按键离开", "en": "Left by a key"},
    "call_backs_promised": {"zh": "承诺回拨", "en": "Call-backs promised"},
    "call_backs_reached": {"zh": "回拨接通率", "en": "Call-backs reached"},
    "surveys_offered": {"zh": "邀请评价", "en": "Surveys offered"},
    "surveys_rated": {"zh": "参与评价", "en": "Surveys answered"},
    "satisfaction_rate": {"zh": "满意率", "en": "Satisfied"},
    "participation_rate": {"zh": "参评率", "en": "Survey participation"},
    "service_level": {"zh": "服务水平", "en": "Service level"},
    "service_level_abandons_negative": {
        "zh": "服务水平（放弃计负）",
        "en": "Service level, abandons negative",
    },
    "service_level_abandons_left_out": {
        "zh": "服务水平（剔除放弃）",
        "en": "Service level, abandons left out",
    },
    "service_level_abandons_positive": {
        "zh": "服务水平（放弃计正）",
        "en": "Service level, abandons positive",
    },
    "abandonment_rate": {"zh": "放弃率", "en": "Abandonment"},
    "asa_ms": {"zh": "平均应答时长", "en": "Avg. answer"},
    "aht_ms": {"zh": "平均处理时长", "en": "Avg. handling"},
    "agent_answer_rate": {"zh": "坐席应答率", "en": "Agent answer rate"},
    "handled": {"zh": "接听量", "en": "Handled"},
    "talk_ms": {"zh": "通话时长", "en": "Talk time"},
    "hold_ms": {"zh": "保持时长", "en": "Hold time"},
    "wrap_up_ms": {"zh": "话后时长", "en": "Wrap-up time"},
    "available_ms": {"zh": "空闲时长", "en": "Ready time"},
    "paused_ms": {"zh": "小休时长", "en": "Paused time"},
    "staffed_ms": {"zh": "在岗时长", "en": "Staffed time"},
}
