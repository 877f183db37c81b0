// Takes one picture of a program in a terminal: xterm.js (the terminal of VS Code) in headless Chromium, joined to a
// pseudo-terminal of `script` (util-linux). Nothing is served and nothing is fetched: the page gets its files from disk.
//
//   node shoot.js NODE_MODULES JOB.json
//
// JOB: {cols, rows, out: FILE.png, light: bool, command: [..], env: {..}, cwd, steps: [..]}
// A step is {key: "Control+b"} (a name of the browser's keyboard), {type: "text"}, {until: "regex"} (20 s at most),
// {quiet: ms} (no output for so long, 10 s at most), {move: [col, row]} or {shot: FILE.png} (a picture on the way).
// Exits with 1 when something that was waited for did not come; the picture is taken all the same.
'use strict';
const fs = require('fs');
const path = require('path');
const zlib = require('zlib');
const { spawn, execFileSync } = require('child_process');

const [modules, jobFile] = process.argv.slice(2).map(p => path.resolve(p));
const { chromium } = require(path.join(modules, 'playwright-core'));
const job = JSON.parse(fs.readFileSync(jobFile, 'utf8'));
const file = name => path.join(modules, name);

const DARK = {
  background: '#0f1117', foreground: '#d7dae0', cursor: '#d7dae0', selectionBackground: '#2c3a57',
  black: '#1b1e26', red: '#e5677a', green: '#7fc98f', yellow: '#dbb163', blue: '#6fa8f5', magenta: '#b99af0', cyan: '#66c6cf', white: '#c8ccd4',
  brightBlack: '#5c6370', brightRed: '#f08a99', brightGreen: '#9bdca8', brightYellow: '#ecc987', brightBlue: '#93c0fa', brightMagenta: '#cfb6f7', brightCyan: '#8bdbe2', brightWhite: '#f2f4f8',
};
const LIGHT = {
  background: '#fbfaf7', foreground: '#2b2d33', cursor: '#2b2d33', selectionBackground: '#cfdcf5',
  black: '#2b2d33', red: '#b3263a', green: '#2c7a3f', yellow: '#8a6100', blue: '#1f5fc0', magenta: '#7a3fc0', cyan: '#0f7480', white: '#8b8f98',
  brightBlack: '#6b6f78', brightRed: '#c93a4e', brightGreen: '#3b8f50', brightYellow: '#a17410', brightBlue: '#3a76d6', brightMagenta: '#9158d6', brightCyan: '#218a97', brightWhite: '#2b2d33',
};

/** A Chromium of this machine; none is downloaded. */
function browser() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  for (const name of ['chromium', 'chromium-browser', 'google-chrome', 'chrome']) {
    try { return execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim(); } catch { /* the next */ }
  }
  console.error('no Chromium found: install one, or name it in CHROMIUM');
  process.exit(1);
}

const sleep = ms => new Promise(done => setTimeout(done, ms));
const quote = word => `'${word.replace(/'/g, `'\\''`)}'`;

/** Chromium packs its pictures in a hurry; unfiltered rows and a thorough deflate halve pictures of text. */
function repack(name) {
  const png = fs.readFileSync(name);
  const chunks = [];
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) chunks.push({ type: png.toString('latin1', at + 4, at + 8), data: png.subarray(at + 8, at + 8 + png.readUInt32BE(at)) });
  const head = chunks[0].data;
  const [width, height, samples] = [head.readUInt32BE(0), head.readUInt32BE(4), { 2: 3, 6: 4 }[head[9]]];
  if (head[8] !== 8 || !samples) return;
  const raw = zlib.inflateSync(Buffer.concat(chunks.filter(c => c.type === 'IDAT').map(c => c.data)));
  const line = width * samples;
  const out = Buffer.alloc(height * (width * 3 + 1));
  let above = Buffer.alloc(line);
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (line + 1)];
    const row = Buffer.from(raw.subarray(y * (line + 1) + 1, (y + 1) * (line + 1)));
    for (let i = 0; i < line; i++) {
      const a = i >= samples ? row[i - samples] : 0, b = above[i], c = i >= samples ? above[i - samples] : 0;
      const p = a + b - c, [pa, pb, pc] = [Math.abs(p - a), Math.abs(p - b), Math.abs(p - c)];
      row[i] += [0, a, b, (a + b) >> 1, pa <= pb && pa <= pc ? a : pb <= pc ? b : c][filter];
    }
    for (let x = 0; x < width; x++) row.copy(out, y * (width * 3 + 1) + 1 + x * 3, x * samples, x * samples + 3);
    above = row;
  }
  head[9] = 2;
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    check.writeUInt32BE(zlib.crc32 ? zlib.crc32(body) : crc32(body));
    return Buffer.concat([length, body, check]);
  };
  const packed = zlib.deflateSync(out, { level: 9, memLevel: 9 });
  fs.writeFileSync(name, Buffer.concat([png.subarray(0, 8), chunk('IHDR', head), chunk('IDAT', packed), chunk('IEND', Buffer.alloc(0))]));
}

/** For a node without zlib.crc32. */
function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let i = 0; i < 8; i++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

async function main() {
  const face = (weight, name) => {
    const font = fs.readFileSync(file(`jetbrains-mono/fonts/webfonts/JetBrainsMonoNL-${name}.woff2`)).toString('base64');
    const [w, style] = weight;
    return `@font-face{font-family:shot;font-weight:${w};font-style:${style};src:url(data:font/woff2;base64,${font})}`;
  };
  const fonts = [face([400, 'normal'], 'Regular'), face([700, 'normal'], 'Bold'), face([400, 'italic'], 'Italic'), face([700, 'italic'], 'BoldItalic')].join('\n');
  const theme = job.light ? LIGHT : DARK;
  const chromiumArgs = ['--no-sandbox', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist', '--hide-scrollbars'];
  const b = await chromium.launch({ executablePath: browser(), args: chromiumArgs });
  const page = await b.newPage({ viewport: { width: job.cols * 10 + 60, height: job.rows * 20 + 60 }, deviceScaleFactor: job.scale || 1.5 });
  // With an emulated scale this property tells unscaled sizes and the picture would come out larger than its frame; without
  // it xterm.js computes them.
  await page.addInitScript(() => { delete ResizeObserverEntry.prototype.devicePixelContentBoxSize; });
  await page.goto('about:blank');
  await page.setContent(`<!doctype html><style>${fonts}html,body{margin:0;background:${theme.background}}#t{display:inline-block;padding:10px}.xterm-viewport{overflow:hidden!important}</style><div id=t></div>`);
  await page.addStyleTag({ path: file('@xterm/xterm/css/xterm.css') });
  for (const f of ['@xterm/xterm/lib/xterm.js', '@xterm/addon-webgl/lib/addon-webgl.js', '@xterm/addon-unicode11/lib/addon-unicode11.js']) await page.addScriptTag({ path: file(f) });

  // `script` gives the program a terminal; the size is set inside it, before the program starts.
  const line = `stty cols ${job.cols} rows ${job.rows}; exec ${job.command.map(quote).join(' ')}`;
  const env = { ...process.env, TERM: 'xterm-256color', COLORTERM: 'truecolor', LANG: 'C.UTF-8', SHELL: '/bin/sh', ...job.env };
  for (const name of Object.keys(env)) if (/^(TMUX|VSCODE_|TERM_PROGRAM|STY|NO_COLOR|COLUMNS|LINES|SSH_)/.test(name)) delete env[name];
  let child, last = Date.now();
  await page.exposeFunction('toProgram', text => child && child.stdin.writable && child.stdin.write(text));
  await page.exposeFunction('bytesToProgram', text => child && child.stdin.writable && child.stdin.write(Buffer.from(text, 'latin1')));
  await page.evaluate(async o => {
    await Promise.all(['400 15px shot', '700 15px shot', 'italic 400 15px shot'].map(f => document.fonts.load(f)));
    const t = new Terminal({ cols: o.cols, rows: o.rows, fontFamily: 'shot', fontSize: 14, lineHeight: 1.15, theme: o.theme, allowProposedApi: true, scrollback: 0, cursorBlink: false, rescaleOverlappingGlyphs: true, vtExtensions: { kittyKeyboard: true } });
    t.open(document.getElementById('t'));
    t.loadAddon(new Unicode11Addon.Unicode11Addon());
    t.unicode.activeVersion = '11';
    t.loadAddon(new WebglAddon.WebglAddon());
    t.onData(d => window.toProgram(d));
    t.onBinary(d => window.bytesToProgram(d));
    t.focus();
    window.term = t;
    window.feed = b64 => t.write(Uint8Array.from(atob(b64), c => c.charCodeAt(0)));
    window.text = () => Array.from({ length: t.rows }, (_, y) => t.buffer.active.getLine(t.buffer.active.baseY + y)?.translateToString(true) ?? '').join('\n');
  }, { cols: job.cols, rows: job.rows, theme });
  child = spawn('script', ['-q', '-f', '-c', line, '/dev/null'], { cwd: job.cwd, env, stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.on('error', () => {});
  child.stdout.on('data', d => { last = Date.now(); page.evaluate(x => window.feed(x), d.toString('base64')).catch(() => {}); });

  let failed = false;
  const quiet = async ms => { for (const end = Date.now() + 10000; Date.now() < end && Date.now() - last < ms;) await sleep(25); await sleep(60); };
  const shot = async out => { await quiet(job.quiet || 250); await page.locator('#t').screenshot({ path: out }); repack(out); };
  for (const step of job.steps) {
    if (step.key) { await page.keyboard.press(step.key); await sleep(60); }
    if (step.type) await page.keyboard.type(step.type, { delay: 5 });
    if (step.quiet) await quiet(step.quiet);
    if (step.move) {
      const cell = await page.evaluate(() => { const r = document.querySelector('.xterm-screen').getBoundingClientRect(); return { x: r.x, y: r.y, w: r.width / term.cols, h: r.height / term.rows }; });
      await page.mouse.click(cell.x + (step.move[0] + 0.5) * cell.w, cell.y + (step.move[1] + 0.5) * cell.h);
    }
    if (step.until) {
      const wanted = new RegExp(step.until);
      const end = Date.now() + 20000;
      while (Date.now() < end && !wanted.test(await page.evaluate(() => window.text()))) await sleep(50);
      if (!wanted.test(await page.evaluate(() => window.text()))) {
        console.error(`${path.basename(job.out)}: ${wanted} did not come; the screen was:\n${await page.evaluate(() => window.text())}`);
        failed = true;
      }
    }
    if (step.shot) await shot(step.shot);
  }
  await shot(job.out);
  // Not by closing its input: `script` would type an end of file.
  child.kill('SIGKILL');
  await b.close();
  process.exit(failed ? 1 : 0);
}

main().catch(e => { console.error(e); process.exit(1); });
