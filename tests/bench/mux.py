#!/usr/bin/env python3
"""The whole product beside tmux and a bare PTY, seen from outside: this script is the outer terminal.

    cargo build --release && python3 tests/bench/mux.py            everything, about 4 minutes
    python3 tests/bench/mux.py --only echo,idle --bin PATH         a part of it, of another binary

It prints what it measured and the ratio to the bare PTY of the same run: only ratios mean something on a shared machine.
What is missing here (tmux) is left out and said. Python 3 and Linux, nothing else. It ends only what it started.
"""
import argparse, fcntl, json, os, pty, random, re, select, shutil, signal, struct, subprocess, tempfile, termios, time

ROWS, COLS = 50, 200
SEQUENCE = re.compile(rb'\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[P_^X][^\x1b]*\x1b\\|\x1b[ -/]*[0-~]|[\x00-\x1f]')
HERE = os.path.dirname(os.path.abspath(__file__))


def percentile(values, p):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * p))] if values else float('nan')


class Outer:
    """A terminal of 200x50 that a program runs in. It answers the questions every terminal answers."""

    ANSWERS = [(rb'\x1b\[0?c', b'\x1b[?62;22c'), (rb'\x1b\[>0?c', b'\x1b[>1;10;0c'), (rb'\x1b\[5n', b'\x1b[0n'), (rb'\x1b\[6n', b'\x1b[1;1R'),
               (rb'\x1b\[\?u', b'\x1b[?0u'), (rb'\x1b\[\?2026\$p', b'\x1b[?2026;2$y'), (rb'\x1b\]11;\?', b'\x1b]11;rgb:0000/0000/0000\x1b\\')]

    def __init__(self, argv, env, cwd):
        self.seen, self.total, self.started = b'', 0, time.perf_counter()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            try:
                fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack('HHHH', ROWS, COLS, 0, 0))
                os.chdir(cwd)
                os.execvpe(argv[0], argv, env)
            finally:
                os._exit(127)
        os.set_blocking(self.fd, False)

    def read(self, wait):
        ready, _, _ = select.select([self.fd], [], [], wait)
        if not ready:
            return b''
        try:
            data = os.read(self.fd, 1 << 18)
        except OSError:
            return b''
        self.total += len(data)
        if b'\x1b' in data:
            for question, answer in self.ANSWERS:
                if re.search(question, data):
                    self.write(answer)
        return data

    def write(self, data):
        try:
            os.write(self.fd, data)
        except OSError:
            pass

    def until(self, text, limit=60):
        """Seconds until `text` is on the screen (escape sequences left out), or None."""
        held, start = b'', time.perf_counter()
        while time.perf_counter() - start < limit:
            data = self.read(0.5)
            if data:
                held = (held + data)[-65536:]
                if text in SEQUENCE.sub(b'', held):
                    return time.perf_counter() - start
        return None

    def settle(self, quiet=0.4, limit=8):
        end = time.perf_counter() + limit
        while time.perf_counter() < end and self.read(quiet):
            pass

    def close(self):
        os.close(self.fd)
        deadline = time.time() + 5
        while time.time() < deadline:
            if os.waitpid(self.pid, os.WNOHANG)[0]:
                return
            time.sleep(0.01)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


class Bare:
    """No multiplexer: the program runs in the outer terminal itself. What all others are compared with."""

    name, servers = 'bare', False

    def __init__(self, options):
        self.options, self.dir, self.count = options, tempfile.mkdtemp(prefix='muxbench-'), 0
        os.chmod(self.dir, 0o700)
        keep = {k: os.environ[k] for k in ('PATH',)}
        self.env = dict(keep, HOME=self.dir, SHELL='/bin/sh', TERM='xterm-256color', COLORTERM='truecolor', LANG='C.UTF-8', TMUX_TMPDIR=self.dir,
                        XDG_RUNTIME_DIR=self.dir, XDG_STATE_HOME=self.dir + '/state', XDG_CONFIG_HOME=self.dir + '/config')
        self.outer = None

    def open(self, script):
        self.outer = Outer(self.first(script), self.env, self.dir)
        return self.outer

    def first(self, script):
        return ['/bin/sh', '-c', script]

    def command(self, *argv):
        return subprocess.run(argv, env=self.env, cwd=self.dir, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)

    def pids(self):
        """The multiplexer's own background processes."""
        found = []
        client = self.outer.pid if self.outer else 0
        for pid in filter(str.isdigit, os.listdir('/proc')):
            try:
                environ = open(f'/proc/{pid}/environ', 'rb').read()
                argv = open(f'/proc/{pid}/cmdline', 'rb').read()
            except OSError:
                continue
            if int(pid) != client and self.dir.encode() in environ + argv and self.is_ours(argv):
                found.append(int(pid))
        return found

    def is_ours(self, argv):
        return False

    def end(self):
        if self.outer:
            self.outer.close()
        self.stop()
        shutil.rmtree(self.dir, ignore_errors=True)

    def stop(self):
        pass


class Tmux(Bare):
    """tmux with its own settings untouched, but for the history."""

    name, servers = 'tmux', True

    def first(self, script):
        with open(self.dir + '/tmux.conf', 'w') as f:
            f.write('set -g history-limit 10000\nset -g default-terminal tmux-256color\nset -as terminal-features ",xterm-256color:RGB:sync"\n')
        return ['tmux', '-f', self.dir + '/tmux.conf', '-L', 'bench', 'new-session', '-s', 'b', script]

    def attach(self):
        return Outer(['tmux', '-L', 'bench', 'attach', '-t', 'b'], self.env, self.dir)

    def more(self, script, beside=False):
        self.command('tmux', '-L', 'bench', *(['split-window', '-h', '-d'] if beside else ['new-window', '-d']), script)

    def is_ours(self, argv):
        return argv.startswith(b'tmux')

    def stop(self):
        self.command('tmux', '-L', 'bench', 'kill-server')


class CopilotTui(Bare):
    """The product, in folders of its own."""

    name, servers = 'copilot-tui', True

    def first(self, script):
        return [self.options.bin, 'new', '--name', 'b', '--attach', '--', 'sh', '-c', script]

    def attach(self):
        return Outer([self.options.bin, 'attach', 'b'], self.env, self.dir)

    def more(self, script, beside=False):
        self.count += 1
        done = self.command(self.options.bin, 'new', '--name', f'p{self.count}', '--', 'sh', '-c', script)
        if done.returncode:
            raise RuntimeError(done.stdout.decode())
        if beside:
            self.outer.write(b'\x02%')  # shows the newest session beside the one in front
            self.outer.settle(0.4, 2)

    def is_ours(self, argv):
        words = argv.split(b'\0')
        return b'server' in words[1:2] or b'holder' in words[1:2]

    def server(self):
        return [p for p in self.pids() if b'\0server\0' in open(f'/proc/{p}/cmdline', 'rb').read()]

    def pids(self):
        """Holders tell their folder only by the sockets they were given: they are children of nobody, so by name and server."""
        servers = super().pids()
        status = self.command(self.options.bin, 'sessions', 'list', '--json')
        ids = {s['id'] for s in json.loads(status.stdout or b'{}').get('sessions', [])} if servers else set()
        holders = []
        for pid in filter(str.isdigit, os.listdir('/proc')):
            try:
                words = open(f'/proc/{pid}/cmdline', 'rb').read().split(b'\0')
            except OSError:
                continue
            if words[1:2] == [b'holder'] and len(words) > 2 and words[2].decode() in ids:
                holders.append(int(pid))
        return sorted(set(servers + holders))

    def stop(self):
        self.command(self.options.bin, 'server', 'stop', '--sessions')


# ---- loads: what agents, logs and full-screen programs write ----

def loads(folder, megabytes):
    rnd = random.Random(7)
    size = megabytes << 20
    words = 'let match return async await struct server client session agent pane frame buffer width height error result'.split()
    cjk = [chr(rnd.randint(0x4E00, 0x9FA5)) for _ in range(500)]
    emoji = ['😀', '🚀', '✅', '👩‍💻', '👍🏽', '🇩🇪', '❤️', '👨‍👩‍👧‍👦', '…', 'é', 'e\u0301', '│', '─', '█', '✓']

    def line():
        return ' ' * 4 * rnd.randint(0, 4) + ' '.join(rnd.choice(words) for _ in range(rnd.randint(0, 10))) + ';\n'

    def mixed():
        return ''.join(rnd.choice((lambda: ''.join(rnd.choices(cjk, k=4)), lambda: rnd.choice(emoji), lambda: rnd.choice(words) + ' '))() for _ in range(20)) + '\n'

    def coloured():
        rgb = lambda: ';'.join(str(rnd.choice((97, 152, 198, 229))) for _ in range(3))
        return f'\x1b[38;5;240m{rnd.randint(1, 9999):4}\x1b[0m  ' + ' '.join(f'\x1b[38;2;{rgb()}m{rnd.choice(words)}\x1b[0m' for _ in range(rnd.randint(1, 8))) + '\n'

    def cells(n):
        return '\x1b[H' + '\r\n'.join(''.join(f'\x1b[38;2;{(r + c + n) * 7 % 256};{c % 256};9;48;2;{r};{n};{c % 99}m{chr(65 + (r + c) % 26)}' for c in range(COLS)) for r in range(ROWS))

    def screen(n):
        rows = [f'\x1b[{r + 1};1H\x1b[{31 + (r + n) % 7}m│ {line().strip():.60}\x1b[K\x1b[{r + 1};120H\x1b[0;1m{n * r % 997:>5}\x1b[0m' for r in range(ROWS)]
        return '\x1b[?2026h' + ''.join(rows) + '\x1b[?2026l'

    makers = {'ascii': ''.join(line() for _ in range(5000)), 'long lines': ''.join('"key": "value", ' * 312 + '\n' for _ in range(20)),
              'unicode': ''.join(mixed() for _ in range(3000)), 'truecolor': ''.join(cells(n) for n in range(8)),
              'coloured code': ''.join(coloured() for _ in range(3000)), 'tui': ''.join(screen(n) for n in range(30))}
    out = {}
    for name, unit in makers.items():
        data = unit.encode()
        out[name] = os.path.join(folder, name.replace(' ', '_'))
        with open(out[name], 'wb') as f:
            f.write(data * max(1, size // len(data)))
    return out


# ---- what is measured ----

READY = "printf '@RE''ADY#'; "


def throughput(kind, options, path):
    """MB/s from the first byte until a mark that follows the load is on the screen."""
    best = 0.0
    for _ in range(options.reps):
        mux = kind(options)
        try:
            outer = mux.open(READY + f"read go; cat {path}; printf '@E''ND#'; exec cat")
            if outer.until(b'@READY#', 30) is None:
                return None
            outer.settle()
            outer.write(b'\r')
            took = outer.until(b'@END#', 120)
            if took:
                best = max(best, os.path.getsize(path) / took / 1e6)
        finally:
            mux.end()
    return best or None


def echo(kind, options, flood):
    """Milliseconds from a key to its echo on the screen: p50 and p99."""
    mux = kind(options)
    try:
        outer = mux.open(READY + 'exec cat')
        if outer.until(b'@READY#', 30) is None:
            return None
        outer.settle()
        if flood:
            mux.more(f'while :; do cat {options.digits}; done', beside=flood == 'visible')
            outer.settle(0.3, 1.5)
        times, keys = [], b'@#%&'
        for n in range(options.keys):
            end = time.perf_counter() + random.uniform(0.015, 0.045)
            while time.perf_counter() < end:
                outer.read(0.005)
            key, held, start = keys[n % 4:n % 4 + 1], b'', time.perf_counter()
            outer.write(key)
            while time.perf_counter() - start < 3:
                data = outer.read(0.05)
                held = (held + data)[-65536:]
                if key in data and key in SEQUENCE.sub(b'', held):
                    times.append(1000 * (time.perf_counter() - start))
                    break
            if n % 60 == 59:
                outer.write(b'\x15')
                outer.settle(0.1, 0.5)
        return percentile(times, 0.5), percentile(times, 0.99)
    finally:
        mux.end()


def start(kind, options):
    """Milliseconds until a program's text is seen: with no server, and attaching again."""
    cold, again = [], []
    for _ in range(options.reps):
        mux = kind(options)
        try:
            before = time.perf_counter()
            outer = mux.open(READY + 'exec cat')
            outer.until(b'@READY#', 30)
            cold.append(1000 * (time.perf_counter() - before))
            outer.settle()
            if mux.servers:
                outer.close()
                for _ in range(3):
                    before = time.perf_counter()
                    mux.outer = mux.attach()
                    mux.outer.until(b'@READY#', 15)
                    again.append(1000 * (time.perf_counter() - before))
                    mux.outer.settle()
                    mux.outer.close()
                mux.outer = None
        finally:
            mux.end()
    return min(cold), min(again) if again else None


def field(pid, file, name):
    try:
        for text in open(f'/proc/{pid}/{file}'):
            if text.startswith(name):
                return int(text.split()[1])
    except OSError:
        pass
    return 0


def memory(kind, options, ascii_load):
    """Server with 50 idle panes (resident MB), background processes beside it (proportional MB each), 10,000 lines (MB a pane)."""
    mux = kind(options)
    try:
        outer = mux.open(READY + 'exec cat')
        outer.until(b'@READY#', 30)
        for _ in range(49):
            mux.more(READY + 'exec cat')
        outer.settle(1, 6)
        pids = mux.pids()
        server = mux.server() if hasattr(mux, 'server') else pids[:1]
        others = [p for p in pids if p not in server]
        resident = sum(field(p, 'status', 'VmRSS') for p in server) / 1024
        each = sum(field(p, 'smaps_rollup', 'Pss:') for p in others) / 1024 / max(1, len(others)) if len(others) > 1 else None
    finally:
        mux.end()
    mux = kind(options)
    try:
        outer = mux.open(READY + 'exec cat')
        outer.until(b'@READY#', 30)
        server = mux.server() if hasattr(mux, 'server') else mux.pids()[:1]
        before = sum(field(p, 'status', 'VmRSS') for p in server)
        for _ in range(10):
            mux.more(f'head -n 10000 {ascii_load}; ' + READY + 'exec cat')
            outer.settle(0.2, 1)
        outer.settle(1.5, 10)
        lines = (sum(field(p, 'status', 'VmRSS') for p in server) - before) / 1024 / 10
    finally:
        mux.end()
    return resident, each, lines


def idle(kind, options):
    """20 quiet panes and a client for 10 seconds: CPU seconds, and how often any thread of theirs ran."""
    def ran(pid):
        """How often each thread gave up the processor; threads that end meanwhile did not wake anybody."""
        try:
            return {t: field(f'{pid}/task/{t}', 'status', 'voluntary') + field(f'{pid}/task/{t}', 'status', 'nonvoluntary') for t in os.listdir(f'/proc/{pid}/task')}
        except OSError:
            return {}

    def more(before, after):
        return sum(n - before.get(t, 0) for t, n in after.items())

    def cpu(pid):
        with open(f'/proc/{pid}/stat') as f:
            parts = f.read().rpartition(')')[2].split()
        return (int(parts[11]) + int(parts[12])) / os.sysconf('SC_CLK_TCK')

    mux = kind(options)
    try:
        outer = mux.open(READY + 'exec cat')
        outer.until(b'@READY#', 30)
        for _ in range(19):
            mux.more(READY + 'exec cat')
        outer.settle(3, 15)
        pids = mux.pids() + [outer.pid]
        before = {p: (cpu(p), ran(p)) for p in set(pids)}
        end = time.perf_counter() + 10
        while time.perf_counter() < end:
            outer.read(0.5)
        return sum(cpu(p) - b[0] for p, b in before.items()), sum(more(b[1], ran(p)) for p, b in before.items())
    finally:
        mux.end()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--bin', default=os.path.join(HERE, '../../target/release/copilot-tui'), help='the program to measure')
    parser.add_argument('--only', default='throughput,echo,start,memory,idle')
    parser.add_argument('--reps', type=int, default=2, help='the best of so many counts')
    parser.add_argument('--keys', type=int, default=200, help='keys typed for each echo figure')
    parser.add_argument('--mb', type=int, default=12, help='size of each load')
    options = parser.parse_args()
    options.bin = os.path.realpath(options.bin)
    if not os.access(options.bin, os.X_OK):
        parser.error(f'{options.bin} is not there: cargo build --release, or --bin PATH')
    kinds = [Bare, CopilotTui] + ([Tmux] if shutil.which('tmux') else [])
    if Tmux not in kinds:
        print('tmux is not installed: left out')
    wanted = options.only.split(',')
    folder = tempfile.mkdtemp(prefix='muxbench-loads-')
    options.digits = os.path.join(folder, 'digits')
    with open(options.digits, 'w') as f:
        f.writelines('%0120d\n' % (n * 7919) for n in range(20000))
    ratio = lambda value, base: f'{value / base:5.2f}' if value and base else '    -'
    try:
        files = loads(folder, options.mb)
        if 'throughput' in wanted:
            print(f'\nthroughput, MB/s until seen (ratio to bare), {COLS}x{ROWS}')
            for name, path in files.items():
                got = {k.name: throughput(k, options, path) for k in kinds}
                print(f'  {name:14}' + ''.join(f'  {n} {v or float("nan"):6.1f} ({ratio(v, got["bare"])})' for n, v in got.items()), flush=True)
        if 'echo' in wanted:
            print('\nkey to echo, ms: p50 / p99')
            for flood in ('', 'hidden', 'visible'):
                for kind in kinds if not flood else kinds[1:]:
                    got = echo(kind, options, flood)
                    print(f'  {"beside a " + flood + " flood" if flood else "idle":22} {kind.name:12}' + (f' {got[0]:6.2f} / {got[1]:6.2f}' if got else ' no answer'), flush=True)
        if 'start' in wanted:
            print('\nuntil the first text, ms: with no server / attaching again')
            for kind in kinds:
                cold, again = start(kind, options)
                print(f'  {kind.name:12} {cold:6.1f} / ' + (f'{again:6.1f}' if again else '-'), flush=True)
        if 'memory' in wanted:
            print('\nmemory: server with 50 idle panes, MB resident; each holder, MB proportional; 10,000 lines, MB a pane')
            for kind in kinds[1:]:
                resident, each, lines = memory(kind, options, files['ascii'])
                print(f'  {kind.name:12} {resident:5.1f}  ' + (f'{each:4.2f}' if each else '   -') + f'  {lines:5.2f}', flush=True)
        if 'idle' in wanted:
            print('\n20 idle panes and a client, 10 s: CPU seconds, wake-ups')
            for kind in kinds[1:]:
                seconds, times = idle(kind, options)
                print(f'  {kind.name:12} {seconds:5.2f}  {times}', flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == '__main__':
    main()
