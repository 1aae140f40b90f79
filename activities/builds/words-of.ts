import type { Words } from '../../domain/messages/builds.ts';
import type { Isolation } from './choose.ts';

/** Returns what people read about an isolation. */
export function wordsOf(
  isolation: Exclude<Isolation, { kind: 'missing' }>,
  memoryMb: number,
): Words {
  switch (isolation.kind) {
    case 'bubblewrap':
      return { kind: 'bubblewrap', version: isolation.version, memory: isolation.memory, memoryMb };
    case 'container': {
      const { program, memory } = isolation.engine;
      return { kind: 'container', program, memory, memoryMb };
    }
    case 'builder':
      return { kind: 'builder', directory: isolation.directory, at: isolation.at };
    case 'none':
      return { kind: 'none' };
  }
}
