import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const main = fileURLToPath(new URL('../main.mjs', import.meta.url));

test('a trip is three bookings on one thread; when one fails, the others are undone (R-7, A-9)', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [main]);
  expect(stdout.split('\n')).toEqual([
    'holding the flight',
    'paid for the flight',
    'holding the hotel',
    'paid for the hotel',
    'holding the car',
    'paid for the car',
    'booked for 110000',
    '',
    'holding the flight',
    'paid for the flight',
    'holding the hotel',
    'holding the car',
    'paid for the car',
    'released the hotel',
    'refunded 20000 for the car',
    'refunded 30000 for the flight',
    'Compensation completed for: not everything could be booked',
    'refunded in all: { cents: 50000 }',
    '',
  ]);
});
