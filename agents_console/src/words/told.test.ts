import { describe, expect, it } from "vitest";
import { inChinese } from "./told";

describe("a sentence of the server in Chinese", () => {
  it.each([
    ["node 'hello', next: unknown node 'vipz'; did you mean 'vips'?", "节点“hello”，next：没有节点“vipz”；是否想写“vips”？"],
    ["node 'lost': no way leads here", "节点“lost”：没有任何路径通到这里"],
    ["nodes.who: the field 'not_found' is missing", "nodes.who：缺少字段“not_found”"],
    ["queues.korean.ring_timeout_sec: Input should be greater than or equal to 3", "queues.korean.ring_timeout_sec：不得小于 3"],
    ["dial_out.queue: no queue 'nowhere'; there are: general, korean", "dial_out.queue：没有队列“nowhere”；可选：general, korean"],
    ["node 'a': digits are a text, but 'n' is a number", "节点“a”：按键是文本，“n”却是数字"],
    ["node 'menu', words for '0': nobody is spoken to in 'ko' here", "节点“menu”，“0”的说法：这里没有人使用语种“ko”"],
    [
      "node 'choice': key 0 leads to a human ('general') everywhere: use another key, or 'human: false'",
      "节点“choice”：按键 0 在各处都转到人工（“general”）：请换一个键，或写 human: false",
    ],
    ["expected to be heard: exactly '您好'; it was not", "应听到恰好是“您好”的话；没有听到"],
    ["the flow has no list of callers 'vp'; did you mean 'vip'?", "流程中没有来电名单“vp”；是否想写“vip”？"],
    ["not YAML: expected ':', but found '-'", "不是有效的 YAML：此处应为 “:”，却是 '-'"],
    ["not YAML: expected the node content, but found ','", "不是有效的 YAML：此处应为 内容，却是 ','"],
    ["any_number.secrets.seal: set the environment variable SEAL", "any_number.secrets.seal：请设置环境变量 SEAL"],
    ["node 'a': $& is nothing that we know", "节点“a”：$& is nothing that we know"],
    ["nodes.a.cause: Input should be 'normal', 'busy' or 'rejected'", "nodes.a.cause：应为 'normal', 'busy' 或 'rejected'"],
    ["nodes.bye bye: the text is empty", "nodes.bye bye：文本为空"],
    ["node 'a': there are no words to ask back with: add 'hints: {confirm: ...{choice}...}'", "节点“a”：没有用来确认的话：请加 hints: {confirm: ...{choice}...}"],
    ["phone 2001 is taken by agent 1001", "话机 2001 正由坐席 1001 使用"],
    ["no list 'nobody'; there are: black, vip", "没有名单“nobody”；可选：black, vip"],
    ["name: String should have at most 5 characters; age: Input should be a valid integer", "name：最多 5 个字符；age：应为整数"],
    [
      "a.yaml:3:1: node 'a': unknown queue 'x'\na.yaml:4:1: node 'b': unknown queue 'y'",
      "a.yaml:3:1：节点“a”：没有队列“x”\na.yaml:4:1：节点“b”：没有队列“y”",
    ],
    ["of no known shape", "of no known shape"],
  ])("%s", (sentence, told) => expect(inChinese(sentence)).toBe(told));

  it("is not looked for in what is far too long", () => {
    const long = `node '${"x': ".repeat(50_000)}`;
    expect(inChinese(long)).toBe(long);
  });
});
