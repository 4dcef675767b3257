/** A report as a picture: one figure over time, a line or a row of bars for each queue or agent. */

import { shown } from "../live/figures";
import type { ReportAnswer, ReportFigure } from "../wire";

export interface Series {
  name: string;
  values: (number | null)[];
}

export interface Picture {
  /** One for each interval, or, of the whole time, for each queue or agent. */
  categories: string[];
  series: Series[];
}

const MOST_SERIES = 12;

/** The figure's values by time and name. Of more names than can be told apart, the greatest are drawn. */
export function pictureOf(
  report: ReportAnswer,
  key: string,
  { timeOf, nameOf, byName }: { timeOf: (at: string) => string; nameOf: (name: string) => string; byName: boolean },
): Picture {
  const place = report.figures.findIndex((figure) => figure.key === key);
  const names = [...new Set(report.rows.map(({ name }) => name))];
  if (byName) {
    const values = names.map((name) => report.rows.find((row) => row.name === name)?.values[place] ?? null);
    return { categories: names.map(nameOf), series: [{ name: "", values }] };
  }
  const times = [...new Set(report.rows.map(({ begin_at }) => begin_at))];
  const found = new Map(report.rows.map((row) => [`${row.begin_at} ${row.name}`, row.values[place] ?? null]));
  const series = names.map((name) => ({
    name: nameOf(name),
    values: times.map((time) => found.get(`${time} ${name}`) ?? null),
  }));
  const size = ({ values }: Series) => values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
  const greatest = [...series].sort((one, other) => size(other) - size(one)).slice(0, MOST_SERIES);
  return { categories: times.map(timeOf), series: series.filter((one) => greatest.includes(one)) };
}

export interface Colours {
  ink: string;
  soft: string;
  faint: string;
  card: string;
  font: string;
  fontPx: number;
  series: string[];
}

/** As ECharts draws it. Counts are bars, one upon the other; shares and times are lines. The hint is drawn and
 *  not written, since the server forbids styles in the page's text. */
export function optionOf(picture: Picture, unit: ReportFigure["unit"], colours: Colours, byName: boolean) {
  const bars = unit === "count" || byName;
  const axis = { axisLine: { lineStyle: { color: colours.faint } }, axisLabel: { color: colours.soft } };
  const told = (value: unknown) => shown(unit, typeof value === "number" ? value : null);
  return {
    animationDuration: 200,
    color: colours.series,
    textStyle: { fontFamily: colours.font },
    grid: { left: 12, right: 16, top: picture.series.length > 1 ? 44 : 20, bottom: 8, containLabel: true },
    legend: { show: picture.series.length > 1, type: "scroll", top: 4, textStyle: { color: colours.ink } },
    tooltip: {
      trigger: "axis",
      renderMode: "richText",
      backgroundColor: colours.card,
      borderColor: colours.faint,
      textStyle: { color: colours.ink },
      valueFormatter: told,
    },
    xAxis: { type: "category", data: picture.categories, ...axis },
    yAxis: {
      type: "value",
      max: unit === "ratio" ? 1 : null,
      axisLabel: { color: colours.soft, formatter: told },
      splitLine: { lineStyle: { color: colours.faint } },
    },
    series: picture.series.map(({ name, values }) => ({
      name,
      type: bars ? "bar" : "line",
      data: values,
      ...(bars ? { stack: byName ? undefined : "all", barMaxWidth: 42 } : { symbolSize: 6, connectNulls: true }),
    })),
  };
}
