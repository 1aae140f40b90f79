import { describe } from 'vitest';
import { testsOver } from './over-ssh.ts';

describe('a VPS over ssh2, the server for machines without sshd', () => {
  testsOver('ssh2');
});
