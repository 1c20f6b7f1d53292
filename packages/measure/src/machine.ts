import { cpus, release, totalmem, type } from 'node:os';
import type { Machine } from './report.ts';

/** The machine this runs on, in general words: nothing that names it. */
export function describeMachine(): Machine {
  const cores = cpus();
  const cpu = cores[0]?.model.trim();
  return {
    node: process.versions.node,
    platform: process.platform,
    arch: process.arch,
    cores: cores.length,
    ...(cpu === undefined || cpu === '' ? {} : { cpu }),
    memoryBytes: totalmem(),
    os: `${type()} ${release()}`,
  };
}
