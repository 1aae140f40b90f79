import { describe, expect, it } from 'vitest';
import { splitAddress, sshCommand } from '../../../../domain/platforms/vps/address.ts';

describe('an address', () => {
  it.each([
    ['deploy@shop.example.com', 'deploy', 'shop.example.com', 22],
    ['deploy@prod_web-1:2222', 'deploy', 'prod_web-1', 2222],
    ['Deploy@ProdAlias', 'Deploy', 'ProdAlias', 22],
    ['first.last@10.0.0.1', 'first.last', '10.0.0.1', 22],
    ['ana@corp.example@shop', 'ana@corp.example', 'shop', 22],
    ['CORP\\ana@shop', 'CORP\\ana', 'shop', 22],
    ['1deploy@shop', '1deploy', 'shop', 22],
    ['müller@größe.example', 'müller', 'größe.example', 22],
    ['deploy+ci@shop', 'deploy+ci', 'shop', 22],
    ['deploy@[2001:db8::1]:2222', 'deploy', '2001:db8::1', 2222],
    ['deploy@[fe80::1%eth0]', 'deploy', 'fe80::1%eth0', 22],
    ['deploy@[::ffff:10.0.0.1]', 'deploy', '::ffff:10.0.0.1', 22],
  ])('%s', (address, user, host, port) => {
    expect(splitAddress(address)).toMatchObject({ user, host, port });
  });

  it.each(['shop', '@shop', 'deploy@', 'deploy@-x', '-x@shop', 'a b@shop', 'deploy@2001:db8::1'])(
    '%s is none',
    (address) => {
      expect(splitAddress(address)).toBeUndefined();
    },
  );
  it.each([
    'a;b@shop',
    'a$(b)@shop',
    'a|b@shop',
    "a'b@shop",
    'a\\@shop',
    'deploy@shop:0',
    'deploy@shop:65536',
  ])('%s is none', (address) => {
    expect(splitAddress(address)).toBeUndefined();
  });
});

it('is tried with a command that leaves the port to ssh where the address names none', () => {
  const host = { user: 'CORP\\ana', host: 'shop', port: 22 };
  expect(sshCommand(host, 'true')).toBe("ssh 'CORP\\ana@shop' true");
  expect(sshCommand({ ...host, exactPort: true }, 'true')).toBe("ssh -p 22 'CORP\\ana@shop' true");
  expect(sshCommand({ ...host, user: 'ana', port: 2222 }, 'date')).toBe(
    'ssh -p 2222 ana@shop date',
  );
});
