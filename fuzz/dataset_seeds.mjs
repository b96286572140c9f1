// Seeds of the fuzz targets for rows: files with what their formats have, behind the two bytes that
// choose pieces and format (fuzz/dataset.h, csv.cc, json.cc).
import { readdirSync, readFileSync } from 'node:fs';

const plain = 0, tab = 1, semicolon = 2, withoutQuotes = 4, apostrophes = 8, header = 16, guessedHeader = 32;
const csv = [
  [header, 'a,b\n1,2\n3,4\n'],
  [header, 'a,b\r\n1,2\r\n3,'],
  [header, 'a,b\r1,2\n3,4\r\n\r\n'],
  [header, '\u{FEFF}"a",b,i\n,\n,,é€😀\n'],
  [header, 'a,i\n1,"x, y"\n2,"say ""hi"""\n3,""""\n4,""\n'],
  [header, 'i,a\r\n"one\ntwo\r\nthree\rfour",\r\n'],
  [header, 'i\nit\'s 5" wide\nc"d\n\n"e"f\n'],
  [header, 'i,a\n"open,1\n2,3\n'],
  [header, 'a,a\n1,2\n'],
  [header, 'a,,c\n1,2,3\n1,2\n1,2,3,4\n'],
  [header, 'a,b,c,d,e,f,g,h,i,j\n' +
    '-2147483648,9223372036854775807,0.1,1e-320,True,2024-02-29,spam,AQI=,"","[1, 2]"\n' +
    ',,,,,,,,,[]\n' +
    '+7,-9223372036854775808,-inf,nan,false,1969-12-31T23:59:59.5+01:00,ham,,a,[-3]\n' +
    '2147483648,9223372036854775808,1e39,1e309,yes,2023-02-29,eggs,A,b,[1.5]\n' +
    '01,-0,.5,5.,TRUE,2024-01-01 00:00Z,,AA==,c,null\n'],
  [plain, '1,2,3.25,0.5,true,2012-01-01,ham,YQ==,text,[]\n\n2\n'],
  [tab | header, 'a\ti\n1\tx "y"\n'],
  [tab | withoutQuotes | header, 'a\ti\n1\t"x\n'],
  [semicolon | header, 'c;i\n1;2,5\n'],
  [apostrophes | header, "a,i\n1,'it''s'\n"],
  [guessedHeader | header, 'label,text\nham,a\nspam,b\nham,c\n'],
  [guessedHeader | header, 'ham,a\nspam,b\nham,c\n'],
  [guessedHeader | header, 'zip,big,n\n00501,12345678901234567890,1\n00544,1,1.5\n'],
  [header, Buffer.from([0x61, 0x2c, 0x62, 0x0a, 0x31, 0x2c, 0xff, 0x0a, 0xc3, 0x2c, 0x00, 0x0a])],
];

const lines = 0, array = 1, inner = 2, onlySchema = 4;
const json = [
  [lines, '{"a": 1, "i": "x"}\n{"i": "é€😀", "a": null}\r\n\n{}\n'],
  [lines, '{"a":-2147483648,"b":9223372036854775807,"c":0.1,"d":1e-320,"e":true,"f":"2024-02-29","g":"spam",' +
    '"h":"AQI=","i":"\\u00e9\\ud83d\\ude00\\n","j":[1, -2],"o":{"k":"v"},"y":{"z":[1,{}]}}\n' +
    '{"d":"NaN","c":"-Infinity","j":[],"y":"text","o":null}\n' +
    '{"d":1e309,"a":1.0,"f":"2023-02-29","o":[]}\n'],
  [lines, '{"d": 1, "d": 2}\n{"d": 01}\n{"d": 1.}\n{"d": "x}\n[1]\n{"d": 1} 2\n{"d": 3}'],
  [lines, '{"d": 1, "i": "\\ud800"}\n{"d": 1, "i": "\\q"}\n{"d": 1, "i": "\t"}\n{"d": 1, "j": [1, "2"]}\n'],
  [lines, '{"s": {"t": {"u": 1.5}}, "v": [true, false], "w": [null], "x": [[1]], "": 1}\n'],
  [lines, '{"s": {"t": 1}, "v": [], "x": 1}\n{"s": {"t": 2.5, "q": null}, "v": ["a"], "x": "mixed"}\n'],
  [lines | onlySchema, '{"d": 1}\n{"d": 1, "z": 2}\n'],
  [array, '[{"d": 1}, {"d": 2, "i": "],}{[\\"\\\\"} ]'],
  [array, ' [ ] '],
  [array, '\u{FEFF}[{"d": 1}, 2, "x", [3], true]'],
  [array, '[{"d": 1} {"d": 2}]'],
  [array, '[{"d": 1},]'],
  [array, '[{"d": [1, 2'],
  [array | inner, '{"version": "1", "other": {"rows": [1]}, "rows": [{"d": 1}, {"d": 2}], "end": null}'],
  [array | inner, '{"r\\u006fws": [{"d": 1}], "rows": []}'],
  [array | inner, '{"data": []}'],
  [lines, Buffer.from('{"d": 1, "i": "\xff"}\n{"d": 2}\n', 'latin1')],
  [lines, '{"y": ' + '['.repeat(40) + ']'.repeat(40) + ', "d": 0}\n'],
];

// What every format reads of the run records and configs of the fixtures.
function fixtures() {
  const folder = new URL('../fixtures/runs/', import.meta.url);
  return readdirSync(folder, { recursive: true }).map(String).filter((name) => name.endsWith('.json')).sort()
    .map((name) => readFileSync(new URL(name, folder), 'utf8').slice(0, 2000));
}

// [target, name, bytes] of each.
export function datasetSeeds() {
  const all = { csv, json: [...json, ...fixtures().flatMap((text) => [[lines, `{"d": 1, "y": ${JSON.stringify(text)}}\n`], [array, text]])] };
  return Object.entries(all).flatMap(([target, files]) => files.flatMap(([choices, content], i) =>
    [1, 7, 200].map((piece) => [target, `${String(i).padStart(3, '0')}-${piece}`,
      Buffer.concat([Buffer.from([piece - 1, choices]), Buffer.from(content)])])));
}
