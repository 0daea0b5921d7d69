# shellcheck shell=sh disable=SC2154,SC2034 # a part: script.ts sets the rest, and the whole is checked by npm run check -- shell
# The same prober in Python, of its standard library alone (3.6 and newer).

python_prober=$(
  cat <<'PYTHON'
import errno, os, select, socket, struct, sys, time

BINDTODEVICE, MTU_DISCOVER, MTU_DISCOVER6 = 25, 10, 23
WITHOUT_FRAGMENTS, WITH_FRAGMENTS = 3, 0  # IP_PMTUDISC_PROBE, IP_PMTUDISC_DONT
mode, args = sys.argv[1], sys.argv[2:]


def say(*words):
    print(*words, flush=True)


def family_of(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def dns(resolver, asked):
    labels = b"" if asked == "." else b"".join(bytes([len(each)]) + each.encode() for each in asked.split("."))
    query = struct.pack("!6H", os.getpid() & 0xFFFF, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack("!2H", 2 if asked == "." else 1, 1)
    for _ in (1, 2):
        with socket.socket(family_of(resolver), socket.SOCK_DGRAM) as one:
            one.settimeout(1.5)
            try:
                one.sendto(query, (resolver, 53))
                answer = one.recv(4096)
            except OSError:
                continue
            if len(answer) >= 12:
                say(answer[3] & 15)
                return 0
    return 1


def listen(nonce, seconds, tcp, udp):
    answering, raw, seen = [], {}, set()
    for port in filter(None, tcp.split(",")):
        for family in (socket.AF_INET6, socket.AF_INET):
            try:
                one = socket.socket(family, socket.SOCK_STREAM)
            except OSError:
                continue
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            try:
                one.bind(("::" if family == socket.AF_INET6 else "0.0.0.0", int(port)))
                one.listen(128)
                answering.append(one)
            except OSError:
                if family == socket.AF_INET:
                    say("busy", port)
    # Raw sockets hear what the host's firewall lets through, and beside flannel's own, which has the port.
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            raw[socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_UDP)] = family
        except OSError:
            continue
    wanted = set(udp.split(","))
    end = time.time() + float(seconds)
    say("listening", os.getpid())
    while time.time() < end:
        ready = select.select(answering + list(raw), [], [], 1)[0]
        if not ready:
            say("")  # nobody reads any more: this ends
        for one in ready:
            if one not in raw:
                one.accept()[0].close()
                continue
            packet = one.recv(65535)
            header = (packet[0] & 15) * 4 if raw[one] == socket.AF_INET else 0
            if len(packet) < header + 8:
                continue
            port = str(struct.unpack("!H", packet[header + 2 : header + 4])[0])
            words = packet[header + 8 :].decode("ascii", "replace").split(" ")
            if port not in wanted or len(words) != 3 or words[:2] != ["groundwork", nonce] or (port, words[2]) in seen:
                continue
            seen.add((port, words[2]))
            say("udp", port, words[2])
    return 0


def probe(nonce, me, interface, mtu, udp, targets):
    mtu = min(int(mtu), 65535)  # more is not in the length of a packet
    udp = [int(port) for port in filter(None, udp.split(","))]
    targets = [(each.split(" ") + [""])[:3] for each in filter(None, targets.split(";"))]
    sizes = [84, mtu] + [size for size in (8900, 4000, 1500, 1492, 1480, 1450, 1440, 1430, 1420, 1412, 1400, 1380, 1350, 1320, 1300, 1280) if size < mtu]
    fragmented = 999

    def over_interface(one):
        if interface:
            one.setsockopt(socket.SOL_SOCKET, BINDTODEVICE, interface.encode() + b"\0")
        return one

    def echo_socket(family, fragments):
        four = family == socket.AF_INET
        one = over_interface(socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_ICMP if four else socket.IPPROTO_ICMPV6))
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        one.setsockopt(socket.IPPROTO_IP if four else socket.IPPROTO_IPV6, MTU_DISCOVER if four else MTU_DISCOVER6, fragments)
        if four:
            one.setsockopt(255, 1, struct.pack("I", 0xFFFFFFFE))  # ICMP_FILTER: echo replies alone
        return one

    def echo_request(family, at, seq, size):
        four = family == socket.AF_INET
        payload = nonce.encode().ljust(size - (28 if four else 48), b"\0")
        build = lambda total: struct.pack("!BBHHH", 8 if four else 128, 0, total, at, seq) + payload
        if not four:
            return build(0)  # the kernel sums it
        text = build(0)
        text += b"\0" * (len(text) % 2)
        total = sum(struct.unpack("!%dH" % (len(text) // 2), text))
        while total >> 16:
            total = (total & 0xFFFF) + (total >> 16)
        return build(~total & 0xFFFF)

    def send(one, bytes_, to):
        try:
            one.sendto(bytes_, to)
        except OSError:
            pass

    tcp, states, echo, datagram = {}, {}, {}, {}
    got = [set() for _ in targets]
    for name, address, ports in targets:
        family = family_of(address)
        for port in filter(None, ports.split(",")):
            one = socket.socket(family, socket.SOCK_STREAM)
            one.setblocking(False)
            code = one.connect_ex((address, int(port)))
            if code in (0, errno.EINPROGRESS):
                tcp[one] = (name, port)
            else:
                states[name, port] = "unreachable"
        if family not in echo:
            echo[family] = (echo_socket(family, WITHOUT_FRAGMENTS), echo_socket(family, WITH_FRAGMENTS))
            datagram[family] = over_interface(socket.socket(family, socket.SOCK_DGRAM))
    families = {one: family for family, pair in echo.items() for one in pair}
    datagrams_at, echoes_at, begin, first = [0, 0.1, 0.3], [0, 0.5, 1.2], time.time(), True
    complete = lambda at: got[at] >= {0, 1}
    while time.time() - begin < 2.4:
        spent = time.time() - begin
        if datagrams_at and spent >= datagrams_at[0]:
            datagrams_at.pop(0)
            for _, address, _ in targets:
                for port in udp:
                    send(datagram[family_of(address)], ("groundwork %s %s" % (nonce, me)).encode(), (address, port))
        if echoes_at and spent >= echoes_at[0]:
            echoes_at.pop(0)
            for at, (_, address, _) in enumerate(targets):
                if complete(at):
                    continue
                family = family_of(address)
                whole, pieces = echo[family]
                for seq in range(2 if first else len(sizes)):
                    if seq not in got[at]:
                        send(whole, echo_request(family, at, seq, sizes[seq]), (address, 0))
                if not first:
                    send(pieces, echo_request(family, at, fragmented, mtu), (address, 0))
            first = False
        if not tcp and not datagrams_at and all(complete(at) for at in range(len(targets))):
            break
        readable, writable, _ = select.select(list(families), list(tcp), [], 0.05)
        for one in writable:
            name, port = tcp.pop(one)
            code = one.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            states[name, port] = "open" if code == 0 else "refused" if code == errno.ECONNREFUSED else "unreachable"
            one.close()
        for one in readable:
            packet = one.recv(65535)
            four = families[one] == socket.AF_INET
            header = (packet[0] & 15) * 4 if four else 0
            if len(packet) < header + 8:
                continue
            kind, id_, seq = packet[header], *struct.unpack("!HH", packet[header + 4 : header + 8])
            if kind == (0 if four else 129) and id_ < len(targets) and packet[header + 8 :].startswith(nonce.encode()):
                got[id_].add(seq)
    for at, (name, _, ports) in enumerate(targets):
        for port in filter(None, ports.split(",")):
            say("tcp", name, port, states.get((name, port), "silent"))
        say("ping", name, "yes" if got[at] else "no")
        say("mtu", name, max([sizes[seq] for seq in got[at] if seq != fragmented], default=0))
        say("fragments", name, "yes" if fragmented in got[at] else "no")
    return 0


sys.exit({"dns": dns, "listen": listen, "probe": probe}[mode](*args))
PYTHON
)
