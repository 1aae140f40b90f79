import { drives } from './contract.ts';

drives({ name: 'systemd, in place', runs: 'systemd', target: { checkout: 'in-place' } });
