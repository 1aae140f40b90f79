# This program does the same as relay.mjs and is used on machines with Perl. Every command starts
# this program, and Perl starts ten times faster than Node.
use strict;
use warnings;
use Socket;

my ($path, $kind, @args) = @ARGV;
socket my $socket, PF_UNIX, SOCK_STREAM, 0 or exit 255;
connect $socket, sockaddr_un($path) or exit 255;

my $session = $ENV{PLIMSOLL_SANDBOX_SESSION} // '';
my $command = $ENV{SSH_ORIGINAL_COMMAND} // '';
my $here = $kind eq 'docker' ? do { require Cwd; Cwd::getcwd() } : '';
my @env = map { "$_=$ENV{$_}" } keys %ENV;
my $header = join "\0", $kind, $session, getppid, $command, $here, scalar @args, @args, @env;
put($socket, pack('N/a*', $header));

my $asks = $kind eq 'command';
shutdown $socket, 1 unless $asks;
my $pending = '';
for (;;) {
  vec(my $ready = '', fileno $socket, 1) = 1;
  vec($ready, fileno STDIN, 1) = 1 if $asks;
  next if select($ready, undef, undef, undef) < 1;
  if ($asks && vec($ready, fileno STDIN, 1)) {
    if (sysread STDIN, my $chunk, 65536) { put($socket, $chunk) }
    else { $asks = 0; shutdown $socket, 1 }
  }
  next unless vec($ready, fileno $socket, 1);
  last unless sysread $socket, $pending, 65536, length $pending;
  while (length $pending >= 5) {
    my ($type, $size) = unpack 'CN', $pending;
    last if length $pending < 5 + $size;
    my $body = substr $pending, 5, $size;
    substr($pending, 0, 5 + $size) = '';
    exit $body if $type == 3;
    put($type == 1 ? \*STDOUT : \*STDERR, $body);
  }
}
exit 255;

sub put {
  my ($to, $bytes) = @_;
  while (length $bytes) {
    my $sent = syswrite $to, $bytes or exit 255;
    substr($bytes, 0, $sent) = '';
  }
}
