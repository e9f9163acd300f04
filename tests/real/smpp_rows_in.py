"""smpp_rows_in.py - rows of the table of SMPP: texts that come in."""

import time

import smsc
from peer import raw
from smpp_world import LONG, LONG_RU, NO, row

# deliver_sm ---------------------------------------------------------------

@row('deliver_sm', 'GSM-7')
def deliver_gsm7(w):
    w.asks(w.places['trx'], 'lawyer Moscow', data_coding=0)


@row('deliver_sm', 'GSM-7, the extension table')
def deliver_extension(w):
    w.asks(w.places['trx'], '{lawyer} [Moscow] ~€^|\\', data_coding=0)


@row('deliver_sm', 'GSM-7, packed')
def deliver_packed(w):
    for text in ('lawyer', 'lawyer!', '[lawyer]', 'lawyer Moscow'):
        w.asks(w.places['packed'], text, packed=True, data_coding=0,
               short_message={'message': raw(
                   smsc.gsm7_pack(smsc.gsm7(text)))})


@row('deliver_sm', 'GSM-7, packed, in two parts')
def deliver_packed_parts(w):
    place, number, since = w.places['packed'], w.number(), w.peer.now()
    septets = smsc.gsm7(LONG)
    for at, size, head in ((0, 153, bytes((5, 0, 3, 9, 2, 1))),
                           (153, 153, bytes((5, 0, 3, 9, 2, 2)))):
        tag = w.part(place, number, head, raw(smsc.gsm7_pack(
            septets[at:at + size], 1)))
        w.eq(place.status(tag), ('deliver_sm_resp', 0), 'acknowledged')
    w.answered(place, number, LONG, since, packed=True)


@row('deliver_sm', 'the default alphabet is Latin-1')
def deliver_default_latin1(w):
    for text in ('lawyer, café à Moscow', '{lawyer} [Moscow] ñ@_^'):
        w.asks(w.places['one'], text, latin1=True, data_coding=0,
               short_message={'message': raw(text.encode('latin-1'))})
    w.asks(w.places['one'], 'юрист Москва', data_coding=8)


@row('deliver_sm', 'the default alphabet is Latin-1, in two parts')
def deliver_default_latin1_parts(w):
    place, number, since = w.places['one'], w.number(), w.peer.now()
    text = LONG.replace('wages', 'wages, é').encode('latin-1')
    for at, piece in enumerate((text[:140], text[140:]), 1):
        tag = w.part(place, number, bytes((5, 0, 3, 10, 2, at)), raw(piece))
        w.eq(place.status(tag), ('deliver_sm_resp', 0), 'acknowledged')
    w.answered(place, number, text.decode('latin-1'), since, latin1=True)


@row('deliver_sm', 'the default alphabet is Latin-1, a message class is not')
def deliver_default_latin1_class(w):
    w.asks(w.places['one'], 'lawyer à', latin1=True, data_coding=0xF1,
           short_message={'message': raw(smsc.gsm7('lawyer à'))})
    w.refuses(w.places['one'], smsc.RX_R_APPN, 'bad_gsm7', data_coding=0xF1,
              short_message={'message': raw(b'caf\xe9')})


@row('deliver_sm', 'ASCII')
def deliver_ascii(w):
    w.asks(w.places['trx'], 'lawyer {Moscow} [now]', data_coding=1,
           short_message={'message': raw(b'lawyer {Moscow} [now]')})


@row('deliver_sm', 'Latin-1')
def deliver_latin1(w):
    w.asks(w.places['trx'], 'lawyer, café à Moscow', data_coding=3)


@row('deliver_sm', 'UCS-2, Cyrillic')
def deliver_ucs2(w):
    for text in ('нужен юрист Москва', 'ёрӣ', 'жардам керек', 'МЕНЮ'):
        w.asks(w.places['trx'], text, data_coding=8)


@row('deliver_sm', 'UCS-2, emoji')
def deliver_emoji(w):
    w.asks(w.places['trx'], '\U0001f64f юрист Москва \U0001f1f0\U0001f1ec',
           data_coding=8)


@row('deliver_sm', 'message classes')
def deliver_classes(w):
    for coding in (0x10, 0x13, 0xF0, 0xF1, 0xF3):
        w.asks(w.places['trx'], 'lawyer', data_coding=coding,
               short_message={'message': raw(b'lawyer')})
    for coding in (0x18, 0x1B):
        w.asks(w.places['trx'], 'юрист', data_coding=coding,
               short_message={'message': raw('юрист'.encode('utf-16-be'))})


@row('deliver_sm', 'binary is refused')
def deliver_binary(w):
    for coding in (0x02, 0x04, 0x14, 0xF4, 0xF5):
        w.refuses(w.places['trx'], smsc.RX_R_APPN, 'binary',
                  data_coding=coding, short_message={'message': raw(b'ab')})


@row('deliver_sm', 'an alphabet nobody knows is refused')
def deliver_bad_coding(w):
    for coding in (0x05, 0x07, 0x0E, 0x40, 0xC0):
        w.refuses(w.places['trx'], smsc.RX_R_APPN, 'bad_coding',
                  data_coding=coding, short_message={'message': raw(b'ab')})


@row('deliver_sm', 'bytes that are not in their alphabet')
def deliver_bad_bytes(w):
    for coding, data, reason in (
            (0, b'caf\xe9', 'bad_gsm7'), (1, b'caf\xe9', 'bad_ascii'),
            (3, b'a\0b', 'bad_text'), (8, b'\x04\x3c\x04', 'bad_utf16'),
            (8, b'\xd8\x3d\x00a', 'bad_utf16'),
            (8, b'\x00a\xde\x42', 'bad_utf16')):
        w.refuses(w.places['trx'], smsc.RX_R_APPN, reason, data_coding=coding,
                  short_message={'message': raw(data)})


@row('deliver_sm', 'two parts, 8-bit reference')
def deliver_udh8(w):
    parts(w, (0, 1), bytes((5, 0, 3, 0x21)))


@row('deliver_sm', 'two parts, 16-bit reference')
def deliver_udh16(w):
    parts(w, (0, 1), bytes((6, 8, 4, 0x12, 0x34)))


@row('deliver_sm', 'two parts in reverse')
def deliver_reverse(w):
    parts(w, (1, 0), bytes((5, 0, 3, 0x22)))


@row('deliver_sm', 'two parts, each twice')
def deliver_twice(w):
    parts(w, (0, 0, 1, 1), bytes((5, 0, 3, 0x23)))


@row('deliver_sm', 'three Cyrillic parts, shuffled, a pair cut in two')
def deliver_three(w):
    place, number, since = w.places['trx'], w.number(), w.peer.now()
    data = LONG_RU.encode('utf-16-be')
    cuts = (0, 134, len(data) - 2, len(data))
    for at in (2, 0, 1):
        head = bytes((6, 8, 4, 0x77, 0x78, 3, at + 1))
        tag = w.part(place, number, head, raw(data[cuts[at]:cuts[at + 1]]),
                     data_coding=8)
        w.eq(place.status(tag), ('deliver_sm_resp', 0), 'acknowledged')
    w.answered(place, number, LONG_RU, since)


def parts(w, order, head, place='trx', data=None, **fields):
    place, number, since = w.places[place], w.number(), w.peer.now()
    pieces = data or (LONG[:153], LONG[153:])
    for at in order:
        tag = w.part(place, number, head + bytes((len(pieces), at + 1)),
                     pieces[at], **fields)
        w.eq(place.status(tag), ('deliver_sm_resp', 0), 'acknowledged')
    got = w.answered(place, number, LONG, since)
    time.sleep(NO)
    w.eq(len(w.answers(place, number, since, 0)), len(got), 'answered once')


@row('deliver_sm', 'an escaped pair cut in two')
def deliver_cut_escape(w):
    at = smsc.gsm7(LONG).index(0x1B) + 1
    data = smsc.gsm7(LONG)
    place, number, since = w.places['trx'], w.number(), w.peer.now()
    for index, piece in enumerate((data[:at - 100], data[at - 100:at],
                                   data[at:])):
        w.part(place, number, bytes((5, 0, 3, 0x24, 3, index + 1)), raw(piece))
    w.answered(place, number, LONG, since)


@row('deliver_sm', 'the same reference for another text')
def deliver_reused(w):
    place, number = w.places['trx'], w.number()
    for text in (LONG, 'And again: ' + LONG):
        since = w.peer.now()
        for at, piece in enumerate((text[:153], text[153:]), 1):
            w.part(place, number, bytes((5, 0, 3, 0x25, 2, at)), piece)
        w.ok(w.answers(place, number, since), 'answered')


@row('deliver_sm', 'sar_ parameters')
def deliver_sar(w):
    place, number, since = w.places['trx'], w.number(), w.peer.now()
    for at, piece in ((1, LONG[153:]), (0, LONG[:153])):
        tag = w.say(place, number, short_message={'message': piece},
                    sar_msg_ref_num=0x1234, sar_total_segments=2,
                    sar_segment_seqnum=at + 1)
        w.eq(place.status(tag), ('deliver_sm_resp', 0), 'acknowledged')
    w.answered(place, number, LONG, since)


@row('deliver_sm', 'message_payload')
def deliver_payload(w):
    w.asks(w.places['trx'], LONG_RU, data_coding=8, short_message='',
           message_payload={'message': LONG_RU})
    w.asks(w.places['trx'], LONG, short_message='',
           message_payload={'message': LONG})


@row('deliver_sm', 'a payload too long for a text')
def deliver_long(w):
    w.refuses(w.places['trx'], smsc.RX_R_APPN, 'long_text', data_coding=8,
              short_message='', message_payload={'message': raw(
                  'ы'.encode('utf-16-be') * 6000)})


@row('deliver_sm', 'other elements in the header')
def deliver_elements(w):
    place, number, since = w.places['trx'], w.number(), w.peer.now()
    head = bytes((11, 5, 4, 11, 132, 0, 0, 0, 3, 0x26, 2))
    for at, piece in enumerate((LONG[:140], LONG[140:]), 1):
        w.part(place, number, head + bytes((at,)), piece)
    w.answered(place, number, LONG, since)


@row('deliver_sm', 'one part of one')
def deliver_one_of_one(w):
    w.asks(w.places['trx'], 'lawyer Moscow', esm_class=0x40, short_message={
        'udh': raw(bytes((5, 0, 3, 1, 1, 1))), 'message': 'lawyer Moscow'})


@row('deliver_sm', 'a header whose elements break their form')
def deliver_bad_element(w):
    for header in (b'\x05\0\4\1\2\1', b'\x06\0\4\1\2\1\1'):
        w.asks(w.places['trx'], 'lawyer Moscow', esm_class=0x40,
               short_message={'udh': raw(header), 'message': 'lawyer Moscow'})


@row('deliver_sm', 'a header longer than the message')
def deliver_bad_header(w):
    for data in (b'', b'\x09\0\3\1\2\1ab'):
        w.refuses(w.places['trx'], smsc.RX_R_APPN, 'bad_udh', esm_class=0x40,
                  short_message=raw(data))


@row('deliver_sm', 'parameters of 5.0 and of vendors')
def deliver_tlvs(w):
    w.asks(w.places['trx'], 'lawyer', source_network_type=1,
           dest_bearer_type=1, user_message_reference=7,
           vendor_specific_source_msc_addr=raw(b'\1\1' + b'996'))


@row('deliver_sm', 'a sender without country')
def deliver_home(w):
    place, since = w.places['trx'], w.peer.now()
    tag = w.say(place, '+0555712999', source_addr_ton=2,
                short_message={'message': 'lawyer'})
    w.eq(place.status(tag), ('deliver_sm_resp', 0), 'acknowledged')
    w.answered(place, '+996555712999', 'lawyer', since)


@row('deliver_sm', 'a sender that is a name')
def deliver_name(w):
    place, since = w.places['trx'], w.peer.now()
    tag = w.say(place, 'MEGACOM', source_addr_ton=5, source_addr_npi=0,
                short_message={'message': 'lawyer'})
    w.eq(place.status(tag), ('deliver_sm_resp', 0), 'acknowledged')
    time.sleep(NO)
    w.eq(place.all(since, command='submit_sm'), [], 'no answer')


@row('deliver_sm', 'a sender with its plus')
def deliver_plus(w):
    place, number, since = w.places['trx'], w.number(), w.peer.now()
    w.say(place, number, source_addr=number,
          short_message={'message': 'lawyer'})
    w.answered(place, number, 'lawyer', since)


@row('deliver_sm', 'the acknowledgement of a phone is no text')
def deliver_acknowledgement(w):
    place = w.places['trx']
    for esm_class in (0x08, 0x10, 0x20):
        number, since = w.number(), w.peer.now()
        tag = w.say(place, number, esm_class=esm_class,
                    short_message={'message': 'lawyer'})
        w.eq(place.status(tag), ('deliver_sm_resp', 0), 'acknowledged')
        w.eq(w.answers(place, number, since, NO), [], 'no answer')


@row('deliver_sm', 'handed over again after a cut')
def deliver_after_cut(w):
    place, number, since = w.places['slow'], w.number(), w.peer.now()
    for _ in range(2):
        link = place.receiver()
        w.say(place, number, link=link, short_message={'message': 'lawyer'})
        w.answers(place, number, since)
        w.peer.order('cut', link=link)
        place.need('the end', 10, since, ev='closed', link=link)
    tag = w.say(place, number, short_message={'message': 'lawyer'})
    w.eq(place.status(tag), ('deliver_sm_resp', 0), 'acknowledged')
    time.sleep(NO)
    w.answered(place, number, 'lawyer', since)
    w.eq(len(w.answers(place, number, since, 0)), 1, 'one answer in all')


@row('deliver_sm', 'the same text twice')
def deliver_alike(w):
    """On a link that lives: no repeat."""
    place, number, since = w.places['three'], w.number(), w.peer.now()
    for at, text in enumerate(('lawyer', 'lawyer', '0', 'lawyer'), 1):
        tag = w.say(place, number, short_message={'message': text})
        w.eq(place.status(tag), ('deliver_sm_resp', 0), 'acknowledged')
        w.ok(len(w.answers(place, number, since, 10, at)) >= at, 'answered')


@row('data_sm', 'a text')
def data_text(w):
    for text, coding in ((LONG, 0), (LONG_RU, 8)):
        w.asks(w.places['trx'], text, 'data_sm_resp', command='data_sm',
               data_coding=coding, short_message='',
               message_payload={'message': text})


@row('data_sm', 'our number of 30 digits')
def data_receiver(w):
    place, before = w.places['trx'], w.refused('trx', 'bad_receiver')
    tag = w.say(place, w.number(), command='data_sm',
                destination_addr='1' * 30,
                message_payload={'message': 'lawyer'})
    w.eq(place.status(tag), ('data_sm_resp', smsc.RX_R_APPN), 'its status')
    w.eq(w.refused('trx', 'bad_receiver'), before + 1, 'counted')
