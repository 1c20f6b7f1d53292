import { measureRatios, type RatioPart } from './ratios/measure-ratios.ts';

const [part] = process.argv.slice(2);
const ratios = await measureRatios(part as RatioPart); // written by `runPart`
process.send?.(ratios);
process.disconnect();
