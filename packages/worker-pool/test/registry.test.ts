import { defineAction } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { ActionRegistry } from '../src/registry.ts';
import * as compose from './fixtures/compose.ts';

const file = (name: string): string => `file:///actions/${name}.ts`;
const make = (name: string, module: string) => defineAction({ module, name, run: () => 1 });

describe('the registry', () => {
  it('A-1 keeps actions by name, those of a file or a single one', async () => {
    const registry = new ActionRegistry();
    const added = await registry.register(new URL('./fixtures/compose.ts', import.meta.url));
    expect([...added.keys()].sort()).toEqual(Object.keys(compose).sort());
    const own = make('own', file('own'));
    expect([...(await registry.register(own))]).toEqual([['own', own]]);
    expect(registry.actions.get('own')).toBe(own);
    expect(registry.actions.get('double')).toBe(added.get('double'));
    expect([...registry.actions.keys()].sort()).toEqual([...Object.keys(compose), 'own'].sort());
  });

  it('A-1 refuses a second action of one name, naming both modules, and then adds none', () => {
    const registry = new ActionRegistry();
    registry.add([make('resize', file('one'))]);
    const clash = [make('fresh', file('two')), make('resize', file('two'))];
    expect(() => registry.add(clash)).toThrow(
      expect.objectContaining({
        type: 'config_error',
        message: expect.stringMatching(/one\.ts.*two\.ts.*`resize`/),
        details: expect.objectContaining({ clashes: [{ name: 'resize', modules: [file('one'), file('two')] }] }),
      }),
    );
    expect([...registry.actions.keys()]).toEqual(['resize']);
  });

  it('A-1 refuses a file in which two actions have one name', () => {
    expect(() => new ActionRegistry().add([make('twin', file('x')), make('twin', file('x'))])).toThrow(
      /has two actions of the name `twin`/,
    );
  });

  it('A-1 takes the same action twice, and the newer of a file that was imported again', () => {
    const registry = new ActionRegistry();
    const [old, fresh] = [make('resize', file('one')), make('resize', file('one'))];
    registry.add([old, old]);
    registry.add([old]);
    registry.add([fresh]);
    expect(registry.actions.get('resize')).toBe(fresh);
  });

  it('A-1, A-8 refuses files that do not load, and what is no action', async () => {
    const registry = new ActionRegistry();
    await expect(registry.register('/no/such/file.mjs')).rejects.toMatchObject({ type: 'load_error' });
    for (const source of [() => 1, {}, undefined, 7]) {
      await expect(registry.register(source)).rejects.toMatchObject({ type: 'invalid_action' });
    }
  });
});
