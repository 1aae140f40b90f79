import { describe, expect, test } from 'vitest';
import { withRef } from '../../../client/session/registry.ts';

const registry = { taskQueue: 'q', projects: { shop: ['production'] }, sandbox: false };

describe('the ref of a request', () => {
  test('is the branch of the project if the person names none', () => {
    const known = { ...registry, branches: { shop: 'master' } };
    expect(withRef(known, { project: 'shop' }).ref).toBe('master');
    expect(withRef(known, { project: 'shop', ref: 'v1' }).ref).toBe('v1');
  });

  test('is main if the worker announced no branches', () => {
    expect(withRef(registry, { project: 'shop' }).ref).toBe('main');
  });
});
