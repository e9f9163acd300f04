#!/usr/bin/env python3
"""How long people listen before they are helped, by the prompts as they are
spoken: to the end of the language menu, and to the first listing for unpaid
wages in Moscow, for somebody who never presses a key while something is said,
but in the first pause behind their choice."""

import os
import re

import agi
import kit
import uac
import voice

# kept from run to run: what does not change is not spoken again
PROMPTS = os.path.join(kit.ROOT, 'build', 'prompts')
LANGUAGES_S, LISTING_S, KEYS = 8, 45, 4
PICK = {'ru': '1', 'ky': '2', 'tg': '3', 'uz': '4', 'kk': '6', 'en': '7'}


def seconds(commands):
    """How long it takes to say these."""
    total = 0.0
    for command in commands:
        pause = re.match(r'WAIT FOR DIGIT (\d+)', command)
        if command.startswith('STREAM FILE'):
            total += len(uac.read_wav(command.split()[2].strip('"') +
                                      '.wav')) / 8000
        elif pause is not None and not agi.waits(command):
            total += int(pause.group(1)) / 1000
    return total


def press(line, prompt):
    """Hear a menu up to the first pause behind a prompt, then press what was
    said behind it.  A prompt is named with its language."""
    at = len(line.commands)
    while True:
        command = line.next()
        if command is None:
            raise kit.TooLong('the call ended before ' + prompt)
        names = [words[2].split('/')[-2:] for words in map(
            str.split, line.commands[at:]) if words[0] == 'STREAM']
        said = ['%s/%s' % tuple(name) for name in names]
        if command.startswith('WAIT FOR DIGIT') and prompt in said:
            break
        line.answer(command)
    if prompt.endswith('voice.lang'):
        return PICK[prompt[:2]]
    return voice.key_of(said, prompt)


def to_listing(tap, hotline, lang, number):
    line = agi.Line(hotline.agi_port, number)
    for prompt in ('voice.lang', 'for.abroad', 'for.wages', 'place.ru-moscow'):
        key = press(line, '%s/%s' % (lang, prompt))
        line.send('200 result=%d\n' % ord(key))
    before = len(line.commands)
    line.until('STREAM FILE')
    heard = seconds(line.commands[:before])
    line.close()
    tap.ok(line.prompts[-1].startswith('org.') and heard <= LISTING_S,
           '%s: unpaid wages in Moscow: the first listing after %d keys and '
           '%.1f s' % (lang, KEYS, heard), line.prompts)


def languages(tap, hotline, number, country):
    line = agi.Line(hotline.agi_port, number)
    line.wait()
    said = [command for command in line.commands
            if command.startswith('STREAM FILE')]
    names = [command.split()[2].split('/')[-2] for command in said]
    heard = seconds(said[:3])
    line.close()
    tap.ok(heard <= LANGUAGES_S,
           'a number of %s: the first three languages (%s) are said in %.1f s, '
           'all six in %.1f s' % (country, ' '.join(names[:3]), heard,
                                  seconds(said)))


def run(tap, stage):
    hotline = voice.Hotline(stage, prompts_dir=PROMPTS)
    os.makedirs(PROMPTS, exist_ok=True)
    said = hotline.safard.ctl('--data', hotline.safard.data, 'prompts',
                              'build', seconds=280)
    tap.note(said.strip())
    hotline.start()
    for number, country in (('+79165100001', 'Russia'),
                            ('+992935100001', 'Tajikistan'),
                            ('+998935100001', 'Uzbekistan'),
                            ('+996555100001', 'Kyrgyzstan')):
        languages(tap, hotline, number, country)
    for lang in voice.LANGUAGES:
        to_listing(tap, hotline, lang, '+7916510001' + PICK[lang])


if __name__ == '__main__':
    kit.main(run, 300)
