import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const SOAK = fileURLToPath(new URL('../bench/dist/soak.js', import.meta.url));

/** Runs two rounds of a soak in a process of its own. */
function soak(out: string): Promise<string> {
  return new Promise((resolve) => {
    const args = [SOAK, '--seed', '5', '--rounds', '2', '--every', '0.001', '--out', out];
    execFile(process.execPath, args, { timeout: 280_000 }, (_error, text) => resolve(text));
  });
}

it('E-8 E-12 a soak repeats what its seed says, loses nothing, ends nothing twice, and is over when it is over', {
  timeout: 300_000,
}, async () => {
  const out = mkdtempSync(join(tmpdir(), 'heddle-soak-'));
  try {
    const text = await soak(out);
    const report = JSON.parse(readFileSync(join(out, 'soak.json'), 'utf8'));
    expect(text).toContain('seed 5');
    expect(report).toMatchObject({ seed: 5, rounds: 2, verdict: { lost: 0, doubles: 0, wrong: 0 }, complaints: [] });
    expect(report.verdict.started).toBeGreaterThan(100);
    expect(report.samples).toHaveLength(2);
    expect(readFileSync(join(out, 'soak.md'), 'utf8')).toMatch(/0 lost, 0 ended twice, 0 ended otherwise/);
  } finally {
    rmSync(out, { recursive: true });
  }
});
