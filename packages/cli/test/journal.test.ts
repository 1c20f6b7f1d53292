import { copyFileSync, existsSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { JournalHeader } from '../src/journal/header.ts';
import { IndexSet } from '../src/journal/index-set.ts';
import { createLedger } from '../src/journal/ledger.ts';
import { openJournal } from '../src/journal/open-journal.ts';
import { decodeRanges, encodeRanges } from '../src/journal/range.ts';
import { readJournal } from '../src/journal/read-journal.ts';
import { createRecord, encodeRecord } from '../src/journal/record.ts';
import { failsOn, runMain } from './support/fake-shell.ts';
import { createFolder, type Folder, numbers, type OutputRow } from './support/folder.ts';
import { fixture } from './support/process.ts';

const HEADER: JournalHeader = {
  heddle: 'journal',
  version: 1,
  action: 'double',
  module: 'double.js',
  vsn: null,
  format: 'ndjson',
  output: 'out.ndjson',
  deadLetter: null,
  idField: 'id',
  contextHash: 'x',
  keepOrder: false,
};

describe('ranges', () => {
  it('survive the way there and back, in any order, repeats once', () => {
    expect(encodeRanges([5, 1, 2, 3, 9, 2])).toBe('1-3,5,9');
    expect(decodeRanges('1-3,5,9')).toEqual([
      [1, 3],
      [5, 5],
      [9, 9],
    ]);
    expect([encodeRanges([]), decodeRanges('')]).toEqual(['', []]);
  });

  it.each(['x', '1-', '-1', '3-1', '1,,2', '1 2'])('refuses %j', (text) => {
    expect(decodeRanges(text)).toBeUndefined();
  });
});

it('an index set holds what was added, however far apart', () => {
  const set = new IndexSet();
  for (const index of [0, 7, 8, 1_000_000, 7]) set.add(index);
  expect([set.size, [...set.values()], set.has(9), set.has(10_000_000)]).toEqual([4, [0, 7, 8, 1_000_000], false, false]);
});

it('a ledger adds records up, and begins anew at a rewrite', () => {
  const rest = { out: 1, dead: 0, read: 10, crc: 1 };
  const first = createRecord([0, 1], [2], { ...rest, types: { timeout: 1 } });
  const second = createRecord([3], [4], { ...rest, types: { timeout: 1 }, out: 5, read: 5, crc: 2 });
  const ledger = createLedger([first, second]);
  expect([ledger.ok.size, ledger.failed.size, ledger.types, ledger.out]).toEqual([3, 2, { timeout: 2 }, 5]);
  expect(ledger.checkpoints).toEqual([
    { read: 5, crc: 2 },
    { read: 10, crc: 1 },
  ]);
  const rewritten = createLedger([first, second, createRecord([0, 1, 3], [], { ...rest, types: {}, rewrite: 1 })]);
  expect([rewritten.ok.size, rewritten.failed.size, rewritten.types, rewritten.rewrites]).toEqual([3, 0, {}, 1]);
});

describe('a journal read back', () => {
  const header = `${JSON.stringify(HEADER)}\n`;
  const record = `${encodeRecord(createRecord([0], [], { types: {}, out: 1, dead: 0, read: 0, crc: 0 }))}\n`;

  it('leaves a torn or garbled last line out', () => {
    for (const end of ['', '{"ok":"0', '{"ok":"0"}\n', '\0\0\0\0\n']) {
      const contents = readJournal('j', Buffer.from(header + record + end));
      expect(contents?.records.map(({ end: at }) => at)).toEqual([header.length + record.length]);
    }
  });

  it('is nothing when its header is torn, at every byte', () => {
    for (let length = 0; length < header.length; length++) expect(readJournal('j', Buffer.from(header.slice(0, length)))).toBeUndefined();
  });

  it('refuses a file that is none, another version, and damage in the middle', () => {
    expect(() => readJournal('j', Buffer.from('my notes'))).toThrow('is no journal');
    expect(() => readJournal('j', Buffer.from('{"n":1}\n'))).toThrow('is no journal');
    expect(() => readJournal('j', Buffer.from(header.replace('"version":1', '"version":9')))).toThrow('is no journal');
    expect(() => readJournal('j', Buffer.from(`${header}broken\n${record}`))).toThrow('damaged at line 2');
  });
});

/** A run of 24 rows that ended after 19, recorded three at a time; every sixth row failed. */
async function killedRun(): Promise<Folder> {
  const folder = createFolder();
  folder.write('in.ndjson', numbers(24));
  await runMain([...COMMAND, '--limit', '1'], { cwd: folder.path, behaviour: failsOn(BAD) });
  for (let from = 1; from < 18; from += 3) {
    await runMain([...COMMAND, '--resume', '--limit', String(from + 3)], { cwd: folder.path, behaviour: failsOn(BAD) });
  }
  return folder;
}

const BAD = [0, 6, 12, 18];
const COMMAND = [
  'batch',
  fixture('double.js'),
  'in.ndjson',
  '-o',
  'out.ndjson',
  '--journal',
  'run.journal',
  '--dead-letter',
  'dead.ndjson',
];
const FILES = ['in.ndjson', 'out.ndjson', 'run.journal', 'dead.ndjson'];

function copyOf(from: Folder): Folder {
  const folder = createFolder();
  for (const name of FILES) copyFileSync(from.at(name), folder.at(name));
  return folder;
}

function lastLines(text: string, count: number): number {
  return (
    text.length -
    text
      .split('\n')
      .slice(-1 - count)
      .join('\n').length
  );
}

function expectWhole(folder: Folder, bad: readonly number[] = BAD): void {
  const rows = folder.rows('out.ndjson').sort((a, b) => a.index - b.index);
  expect(rows.map(({ index }) => index)).toEqual(Array.from({ length: 24 }, (_, index) => index));
  expect(rows.filter(({ ok }) => !ok).map(({ index }) => index)).toEqual(bad);
  expect(rows.filter(({ ok }) => ok).every((row: OutputRow) => row.value === row.index * 2)).toBe(true);
  const dead = folder
    .read('dead.ndjson')
    .split('\n')
    .filter((line) => line !== '');
  expect(dead.map((line) => (JSON.parse(line) as { n: number }).n).sort((a, b) => a - b)).toEqual(bad);
}

/** Resumes, and answers which rows ran. */
async function resume(folder: Folder, mode = '--resume', bad: readonly number[] = BAD): Promise<number[]> {
  const ran: number[] = [];
  const behaviour = failsOn(bad);
  const { err, code } = await runMain([...COMMAND, mode], {
    cwd: folder.path,
    behaviour(params) {
      ran.push(params.n);
      return behaviour(params);
    },
  });
  expect([code, err]).toEqual([bad.length > 0 ? 1 : 0, err]);
  return ran.sort((a, b) => a - b);
}

describe('a killed run is resumed', () => {
  it('wherever in its last lines the journal was cut: every row is in the output once, no recorded row runs again', async () => {
    const killed = await killedRun();
    const journal = readFileSync(killed.at('run.journal'));
    for (let size = lastLines(journal.toString(), 3); size <= journal.length; size++) {
      const folder = copyOf(killed);
      truncateSync(folder.at('run.journal'), size);
      const recorded = createLedger(readJournal('j', journal.subarray(0, size))?.records.map(({ record }) => record) ?? []);
      const ran = await resume(folder);
      expect(ran.filter((n) => recorded.ok.has(n) || recorded.failed.has(n))).toEqual([]);
      expect(ran).toHaveLength(24 - recorded.ok.size - recorded.failed.size);
      expectWhole(folder);
    }
  });

  it('wherever the output was cut while the journal was not (a power cut): rows that did not reach it run again', async () => {
    const killed = await killedRun();
    const output = killed.read('out.ndjson');
    for (let size = lastLines(output, 2); size <= output.length; size++) {
      const folder = copyOf(killed);
      truncateSync(folder.at('out.ndjson'), size);
      await resume(folder);
      expectWhole(folder);
    }
  });

  it('wherever the dead letter was cut', async () => {
    const killed = await killedRun();
    const dead = killed.read('dead.ndjson');
    for (let size = lastLines(dead, 2); size <= dead.length; size++) {
      const folder = copyOf(killed);
      truncateSync(folder.at('dead.ndjson'), size);
      await resume(folder);
      expectWhole(folder);
    }
  });

  it('with rows in the output that are not recorded, whole and torn: they are cut off and run again', async () => {
    const killed = await killedRun();
    for (const extra of ['{"index":19,"id":null,"ok":true,"value":38}\n', '{"index":19,"id"', '{"index":20}\n{"index":21,']) {
      const folder = copyOf(killed);
      writeFileSync(folder.at('out.ndjson'), killed.read('out.ndjson') + extra);
      expect(await resume(folder)).toEqual([19, 20, 21, 22, 23]);
      expectWhole(folder);
    }
  });

  it('twice in a row, and again when all is done: then nothing runs', async () => {
    const folder = await killedRun();
    expect(await resume(folder)).toEqual([19, 20, 21, 22, 23]);
    expect(await resume(folder)).toEqual([]);
    expectWhole(folder);
  });
});

describe('--resume-failed', () => {
  it('runs the failed rows again, and leaves one line a row', async () => {
    const folder = await killedRun();
    expect(await resume(folder, '--resume-failed', [12])).toEqual([0, 6, 12, 18, 19, 20, 21, 22, 23]);
    expectWhole(folder, [12]);
    // Each rewrite has a number of its own: one left half done must not be taken for the one before.
    folder.write('out.ndjson.rewrite-2', 'half a l');
    expect(await resume(folder, '--resume', [12])).toEqual([]);
    expectWhole(folder, [12]);
    expect(await resume(folder, '--resume-failed', [])).toEqual([12]);
    expectWhole(folder, []);
    expect(folder.read('run.journal').match(/"rewrite":\d+/g)).toEqual(['"rewrite":1', '"rewrite":2']);
  });

  it('killed at any point of the rewrite, it is finished or never was', async () => {
    const killed = await killedRun();
    const before = copyOf(killed);
    await resume(before, '--resume-failed', []);
    const records = before.read('run.journal').split('\n');
    const rewrite = `${records.find((line) => line.includes('"rewrite":1')) ?? ''}\n`;
    const kept = killed.rows('out.ndjson').filter(({ ok }) => ok);
    const rewritten = kept
      .map((row) =>
        killed
          .read('out.ndjson')
          .split('\n')
          .find((line) => line.startsWith(`{"index":${row.index},`)),
      )
      .join('\n');
    expect(Buffer.byteLength(`${rewritten}\n`)).toBe((JSON.parse(rewrite) as { out: number }).out);
    for (let size = 0; size <= rewrite.length; size += 7) {
      const folder = copyOf(killed);
      writeFileSync(folder.at('out.ndjson.rewrite-1'), `${rewritten}\n`);
      writeFileSync(folder.at('run.journal'), killed.read('run.journal') + rewrite.slice(0, size));
      await resume(folder);
      expectWhole(folder);
      expect(existsSync(folder.at('out.ndjson.rewrite-1'))).toBe(false);
    }
    // Recorded whole, and not yet put in place.
    const folder = copyOf(killed);
    writeFileSync(folder.at('out.ndjson.rewrite-1'), `${rewritten}\n`);
    writeFileSync(folder.at('run.journal'), killed.read('run.journal') + rewrite);
    expect(await resume(folder, '--resume', [])).toEqual([0, 6, 12, 18, 19, 20, 21, 22, 23]);
    expectWhole(folder, []);
  });
});

describe('a journal is refused', () => {
  async function refused(folder: Folder, ...args: string[]): Promise<string> {
    const { code, err } = await runMain([...COMMAND, ...args], { cwd: folder.path });
    expect(code).toBe(2);
    return err;
  }

  it('without --resume, when it is there', async () => {
    expect(await refused(await killedRun())).toContain('go on with it by `--resume`');
  });

  it('when the part of the input that was read has changed; not when rows were added or the file was touched', async () => {
    const folder = await killedRun();
    const text = folder.read('in.ndjson');
    folder.write('in.ndjson', text.replace('{"n":3}', '{"n":4}'));
    const output = folder.read('out.ndjson');
    expect(await refused(folder, '--resume')).toContain('has changed since the journal was written');
    expect(folder.read('out.ndjson')).toBe(output);
    folder.write('in.ndjson', text.slice(0, 20));
    expect(await refused(folder, '--resume')).toContain('it ends after 20 of');
    folder.write('in.ndjson', `${text}{"n":24}\n`);
    expect(await resume(folder)).toEqual([19, 20, 21, 22, 23, 24]);
  });

  it('when action, format, context, id field, dead letter or output are others', async () => {
    const folder = await killedRun();
    const changes = [
      ['--action', 'triple'],
      ['--format', 'csv'],
      ['--context', '{"a":1}'],
      ['--id-field', 'n'],
      ['--dead-letter', 'other.ndjson'],
      ['-o', 'other.ndjson'],
      ['--keep-order'],
    ];
    for (const change of changes) {
      const module = change[0] === '--action' ? fixture('several.js') : fixture('double.js');
      const { code, err } = await runMain([COMMAND[0] ?? '', module, ...COMMAND.slice(2), '--resume', ...change], { cwd: folder.path });
      expect([code, err]).toEqual([2, expect.stringContaining('is of another run')]);
    }
    expect(await resume(folder)).toEqual([19, 20, 21, 22, 23]);
  });

  it('when the order asked for is not the order so far', async () => {
    const folder = createFolder();
    folder.write('in.ndjson', numbers(24));
    const args = [...COMMAND, '--keep-order'];
    const cwd = folder.path;
    await runMain([...args, '--limit', '10'], { cwd, behaviour: failsOn(BAD) });
    expect(await refused(folder, '--resume')).toContain('`--keep-order` was given and is not now');
    await runMain([...args, '--resume', '--limit', '20'], { cwd, behaviour: failsOn(BAD) });
    expect(folder.rows('out.ndjson').map(({ index }) => index)).toEqual(Array.from({ length: 20 }, (_, index) => index));
    // Rows that run again come last: from here on there is no order to keep.
    await resume(folder, '--resume-failed', [12]);
    expect(await refused(folder, '--resume', '--keep-order')).toContain('cannot begin halfway');
    expect(await resume(folder, '--resume', [12])).toEqual([]);
    expectWhole(folder, [12]);
  });

  it('when its output is gone, or was changed', async () => {
    const folder = await killedRun();
    const output = folder.read('out.ndjson');
    folder.write('out.ndjson', `${output.slice(0, -1)}xx`);
    expect(await refused(folder, '--resume')).toContain('was changed since');
    writeFileSync(folder.at('out.ndjson'), '');
    await resume(folder);
    const other = await killedRun();
    rmSync(other.at('out.ndjson'));
    expect(await refused(other, '--resume')).toContain('is gone');
  });

  it('when there is none and the output is not empty; with neither, the run begins', async () => {
    const folder = createFolder();
    folder.write('in.ndjson', numbers(24));
    folder.write('out.ndjson', 'precious\n');
    expect(await refused(folder, '--resume')).toContain('There is nothing to resume');
    expect(folder.read('out.ndjson')).toBe('precious\n');
    folder.write('out.ndjson', '');
    expect(await resume(folder)).toHaveLength(24);
    expectWhole(folder);
  });

  it('when it is another file of yours, which is left as it is', async () => {
    const folder = createFolder();
    folder.write('in.ndjson', numbers(2));
    folder.write('run.journal', 'dear diary\n');
    expect(await refused(folder, '--resume')).toContain('is no journal');
    expect(folder.read('run.journal')).toBe('dear diary\n');
  });

  it('while another process holds it; a lock left by a dead one is taken over', async () => {
    const folder = await killedRun();
    folder.write('run.journal.lock', String(process.ppid));
    expect(await refused(folder, '--resume')).toContain(`in use by process ${process.ppid}`);
    folder.write('run.journal.lock', '999999999');
    await resume(folder);
    expect(existsSync(folder.at('run.journal.lock'))).toBe(false);
  });
});

it('an opened journal is the truth for the files: they keep what its ledger says', async () => {
  const folder = createFolder();
  const files = { journal: folder.at('j'), output: folder.at('out.ndjson'), deadLetter: undefined };
  const journal = await openJournal(files, HEADER, 'new');
  folder.write('out.ndjson', 'a\nb\n');
  journal.append(createRecord([0], [], { types: {}, out: 2, dead: 0, read: 0, crc: 0 }));
  journal.close();
  const again = await openJournal(files, HEADER, 'resume');
  expect([again.ledger.out, again.ledger.ok.size, statSync(files.output).size]).toEqual([2, 1, 4]);
  again.close();
});
