export { type Control, judgeControl } from './control.ts';
export { addRound, type Contender, interleave, type Slices, shuffled, takeTurns } from './interleave.ts';
export { markdownOf } from './markdown.ts';
export { type QuantityInput, quantityOf } from './quantity.ts';
export type { JudgedTarget, Machine, Quantity, Row, ScenarioReport, Section, Target } from './report.ts';
export { pairedRatio, quantileOf, type Summary, summarise } from './statistics.ts';
export { formatNumber, markdownTable } from './table.ts';
export { type FlatLimit, type Trend, trendOf } from './trend.ts';
export { measureUsage, totalUsage, type Usage } from './usage.ts';
