# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# The prober in Perl. Of its modules all are in Debian's perl-base.

perl_prober=$(
  cat <<'PERL'
use strict;
use Errno qw(EINPROGRESS ECONNREFUSED);
use Fcntl qw(F_SETFL O_NONBLOCK);
use Socket qw(:DEFAULT inet_pton pack_sockaddr_in6);
use Time::HiRes qw(time);
# Linux's own numbers: what Socket does not name everywhere.
my ($BINDTODEVICE, $MTU_DISCOVER, $MTU_DISCOVER6, $V6ONLY) = (25, 10, 23, 26);
my ($WITHOUT_FRAGMENTS, $WITH_FRAGMENTS) = (3, 0); # IP_PMTUDISC_PROBE, IP_PMTUDISC_DONT
my ($ICMP, $ICMP6, $UDP) = (1, 58, 17);
$| = 1;
my $mode = shift @ARGV;

sub name_of {
  my ($address, $port) = @_;
  return pack_sockaddr_in6($port, inet_pton(AF_INET6, $address)) if $address =~ /:/;
  return pack_sockaddr_in($port, inet_aton($address));
}
sub family_of { return $_[0] =~ /:/ ? AF_INET6 : AF_INET }

if ($mode eq "dns") {
  my ($resolver, $asked) = @ARGV;
  my $labels = $asked eq "." ? "" : join "", map { chr(length) . $_ } split /\./, $asked;
  my $query = pack("n6", $$ & 0xffff, 0x0100, 1, 0, 0, 0) . $labels . "\0" . pack("n2", $asked eq "." ? 2 : 1, 1);
  for (1, 2) {
    socket(my $socket, family_of($resolver), SOCK_DGRAM, 0) or die "socket: $!\n";
    send($socket, $query, 0, name_of($resolver, 53)) or next;
    vec(my $want = "", fileno($socket), 1) = 1;
    next unless select($want, undef, undef, 1.5) > 0;
    defined recv($socket, my $answer, 4096, 0) or next;
    next if length($answer) < 12;
    print ord(substr($answer, 3, 1)) & 15, "\n";
    exit 0;
  }
  exit 1;
}

if ($mode eq "listen") {
  my ($nonce, $seconds, $tcp, $udp) = @ARGV;
  my (%answering, %raw, %seen);
  for my $port (split /,/, $tcp) {
    for my $family (AF_INET6, AF_INET) {
      socket(my $socket, $family, SOCK_STREAM, 0) or next;
      setsockopt($socket, SOL_SOCKET, SO_REUSEADDR, 1);
      setsockopt($socket, 41, $V6ONLY, 1) if $family == AF_INET6;
      if (bind($socket, name_of($family == AF_INET6 ? "::" : "0.0.0.0", $port)) && listen($socket, 128)) {
        $answering{fileno $socket} = $socket;
      } elsif ($family == AF_INET) {
        print "busy $port\n";
      }
    }
  }
  # Raw sockets hear what the host's firewall lets through, and beside flannel's own, which has the port.
  for my $family (AF_INET, AF_INET6) {
    socket(my $socket, $family, SOCK_RAW, $UDP) or next;
    $raw{fileno $socket} = [$socket, $family];
  }
  my %wanted = map { $_ => 1 } split /,/, $udp;
  my $end = time + $seconds;
  print "listening $$\n";
  while (time < $end) {
    my $want = "";
    vec($want, $_, 1) = 1 for keys %answering, keys %raw;
    if (select($want, undef, undef, 1) <= 0) {
      print "\n"; # nobody reads any more: this ends
      next;
    }
    for my $at (grep { vec($want, $_, 1) } keys %answering) {
      accept(my $client, $answering{$at});
      close $client if $client;
    }
    for my $at (grep { vec($want, $_, 1) } keys %raw) {
      my ($socket, $family) = @{$raw{$at}};
      defined recv($socket, my $packet, 65535, 0) or next;
      my $header = $family == AF_INET ? (ord($packet) & 15) * 4 : 0;
      next if length($packet) < $header + 8;
      my $port = unpack("x$header x2 n", $packet);
      next unless $wanted{$port} && substr($packet, $header + 8) =~ /^groundwork (\S+) (\S+)$/ && $1 eq $nonce;
      print "udp $port $2\n" unless $seen{"$port $2"}++;
    }
  }
  exit 0;
}

my ($nonce, $me, $interface, $mtu, $udp, $targets) = @ARGV;
$mtu = 65535 if $mtu > 65535; # more is not in the length of a packet
my @targets = map { my ($name, $address, $ports) = split / /; { name => $name, address => $address, ports => $ports // "" } } split /;/, $targets;
my @sizes = (84, $mtu, grep { $_ < $mtu } 8900, 4000, 1500, 1492, 1480, 1450, 1440, 1430, 1420, 1412, 1400, 1380, 1350, 1320, 1300, 1280);
my $FRAGMENTED = 999;

sub over_interface {
  my ($socket) = @_;
  $interface eq "" or setsockopt($socket, SOL_SOCKET, $BINDTODEVICE, "$interface\0") or die "$interface: $!\n";
  return $socket;
}
sub echo_socket {
  my ($family, $fragments) = @_;
  socket(my $socket, $family, SOCK_RAW, $family == AF_INET ? $ICMP : $ICMP6) or return;
  over_interface($socket);
  setsockopt($socket, SOL_SOCKET, SO_RCVBUF, 4 << 20);
  if ($family == AF_INET) {
    setsockopt($socket, 0, $MTU_DISCOVER, $fragments);
    setsockopt($socket, 255, 1, pack("L", ~1 & 0xffffffff)); # ICMP_FILTER: echo replies alone
  } else {
    setsockopt($socket, 41, $MTU_DISCOVER6, $fragments);
  }
  return $socket;
}
sub echo_request {
  my ($family, $at, $seq, $size) = @_;
  my $payload = $nonce . "\0" x ($size - ($family == AF_INET ? 28 : 48) - length $nonce);
  my $build = sub { pack("C2 n3", $family == AF_INET ? 8 : 128, 0, $_[0], $at, $seq) . $payload };
  return $build->(0) if $family == AF_INET6; # the kernel sums it
  my $text = $build->(0);
  my $sum = unpack("%32n*", $text . (length($text) % 2 ? "\0" : ""));
  $sum = ($sum & 0xffff) + ($sum >> 16) while $sum >> 16;
  return $build->(~$sum & 0xffff);
}

my (%tcp, %echo, %datagram);
for my $target (@targets) {
  my $family = family_of($target->{address});
  for my $port (split /,/, $target->{ports}) {
    socket(my $socket, $family, SOCK_STREAM, 0) or die "socket: $!\n";
    fcntl($socket, F_SETFL, O_NONBLOCK);
    if (connect($socket, name_of($target->{address}, $port)) || $! == EINPROGRESS) {
      $tcp{fileno $socket} = [$socket, $target, $port];
    } else {
      $target->{tcp}{$port} = "unreachable";
    }
  }
  $echo{$family} //= [echo_socket($family, $WITHOUT_FRAGMENTS), echo_socket($family, $WITH_FRAGMENTS)];
  unless ($datagram{$family}) {
    socket(my $socket, $family, SOCK_DGRAM, 0) or die "socket: $!\n";
    $datagram{$family} = over_interface($socket);
  }
}
my $begin = time;
my @datagrams_at = (0, 0.1, 0.3);
my @echoes_at = (0, 0.5, 1.2);
my $round = 0;
sub complete {
  my ($target) = @_;
  return $target->{got}{0} && $target->{got}{1};
}
while ((my $spent = time - $begin) < 2.4) {
  if (@datagrams_at && $spent >= $datagrams_at[0]) {
    shift @datagrams_at;
    for my $target (@targets) {
      send($datagram{family_of($target->{address})}, "groundwork $nonce $me", 0, name_of($target->{address}, $_)) for split /,/, $udp;
    }
  }
  if (@echoes_at && $spent >= $echoes_at[0]) {
    shift @echoes_at;
    for my $at (0 .. $#targets) {
      my $target = $targets[$at];
      next if complete($target);
      my $family = family_of($target->{address});
      my ($whole, $pieces) = @{$echo{$family}};
      my $to = name_of($target->{address}, 0);
      for my $seq (0 .. ($round == 0 ? 1 : $#sizes)) {
        send($whole, echo_request($family, $at, $seq, $sizes[$seq]), 0, $to) if $whole && !$target->{got}{$seq};
      }
      send($pieces, echo_request($family, $at, $FRAGMENTED, $mtu), 0, $to) if $pieces && $round > 0;
    }
    $round++;
  }
  last if !%tcp && !@datagrams_at && !grep { !complete($_) } @targets;
  my ($read, $write) = ("", "");
  vec($write, $_, 1) = 1 for keys %tcp;
  my %sockets = map { fileno($_) => $_ } grep { $_ } map { @$_ } values %echo;
  vec($read, $_, 1) = 1 for keys %sockets;
  next if select($read, $write, undef, 0.05) <= 0;
  for my $at (grep { vec($write, $_, 1) } keys %tcp) {
    my ($socket, $target, $port) = @{delete $tcp{$at}};
    my $error = unpack("i", getsockopt($socket, SOL_SOCKET, SO_ERROR));
    $target->{tcp}{$port} = $error == 0 ? "open" : $error == ECONNREFUSED ? "refused" : "unreachable";
    close $socket;
  }
  for my $at (grep { vec($read, $_, 1) } keys %sockets) {
    defined recv($sockets{$at}, my $packet, 65535, 0) or next;
    my $is4 = grep { $_ && fileno($_) == $at } @{$echo{+AF_INET} // []};
    my $header = $is4 ? (ord($packet) & 15) * 4 : 0;
    next if length($packet) < $header + 8;
    my ($type, $id, $seq) = unpack("x$header C x3 n2", $packet);
    next unless $type == ($is4 ? 0 : 129) && $id <= $#targets && index(substr($packet, $header + 8), $nonce) == 0;
    $targets[$id]{got}{$seq} = 1;
  }
}
for my $target (@targets) {
  print "tcp $target->{name} $_ ", $target->{tcp}{$_} // "silent", "\n" for split /,/, $target->{ports};
  my $got = $target->{got} // {};
  my @whole = sort { $b <=> $a } map { $sizes[$_] } grep { $_ != $FRAGMENTED } keys %$got;
  print "ping $target->{name} ", (%$got ? "yes" : "no"), "\n";
  print "mtu $target->{name} ", $whole[0] // 0, "\n";
  print "fragments $target->{name} ", ($got->{$FRAGMENTED} ? "yes" : "no"), "\n";
}
PERL
)
