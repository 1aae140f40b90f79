import { describe } from 'vitest';
import { sshdPresent } from '../../../../sandbox/platforms/vps/sshd.ts';
import { testsOver } from './over-ssh.ts';

const server = sshdPresent() ? 'sshd' : 'ssh2';

describe(`a VPS over ${server}`, () => {
  testsOver(server);
});
