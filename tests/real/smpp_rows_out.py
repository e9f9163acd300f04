"""smpp_rows_out.py - rows of the table of SMPP: answers, and reports of them."""

import re
import struct
import time

import kit
import smsc
from peer import raw
from smpp_world import row, submit_answered_with, tries

# submit_sm ----------------------------------------------------------------

@row('submit_sm', 'its fields')
def submit_fields(w):
    got = w.asks(w.places['trx'], 'lawyer')[0]['fields']
    want = {'source_addr': '1414', 'source_addr_ton': 3, 'source_addr_npi': 0,
            'dest_addr_ton': 1, 'dest_addr_npi': 1, 'registered_delivery': 1,
            'data_coding': 0, 'esm_class': 0, 'service_type': ''}
    w.eq({key: got[key] for key in want}, want, 'by the settings')
    w.ok(got['validity_period'], 'a validity', got)


@row('submit_sm', 'no reports, no validity')
def submit_plain(w):
    got = w.asks(w.places['three'], 'lawyer')[0]['fields']
    w.eq((got['registered_delivery'], got['validity_period']), (0, ''),
         'none asked for')


@row('submit_sm', 'Cyrillic in parts, 16-bit reference')
def submit_parts(w):
    got = w.asks(w.places['trx'], 'МЕНЮ', data_coding=8)
    heads = [e['fields']['short_message']['udh'][0] for e in got]
    w.ok(len(got) > 1, 'several parts')
    w.eq([(h[0], h[1], h[4], h[5]) for h in heads],
         [(8, 4, len(got), at) for at in range(1, len(got) + 1)],
         'numbered in order')
    w.eq(len({h[2:4] for h in heads}), 1, 'one reference')
    w.eq([e['sequence'] for e in got],
         list(range(got[0]['sequence'], got[0]['sequence'] + len(got))),
         'sent together')
    w.ok(all(e['fields']['esm_class'] == 0x40 for e in got), 'esm_class')


@row('submit_sm', 'GSM-7, packed')
def submit_packed(w):
    got = w.asks(w.places['packed'], 'lawyer', packed=True,
                 short_message={'message': raw(smsc.gsm7_pack(b'lawyer'))})
    w.eq(got[0]['fields']['data_coding'], 0, 'data_coding')


@row('submit_sm', 'the default alphabet is Latin-1')
def submit_latin1(w):
    for text, letter in (('wages', b'@'), ('patent Moscow', b'+7')):
        got = w.asks(w.places['one'], text, latin1=True)
        w.eq({e['fields']['data_coding'] for e in got}, {0}, 'data_coding')
        w.ok(letter in b''.join(smsc.Pdu(e['bytes']).data() for e in got),
             'its bytes')


def needless_cuts(pieces):
    """Numbers cut in two that would have fitted whole into the next part."""
    found = []
    for at in range(1, len(pieces)):
        head = re.search(r'\+?\d[\d ()-]*$', pieces[at - 1])
        if head is None or not re.match(r'\d', pieces[at]):
            continue
        rest = head.group() + ''.join(pieces[at:])
        room = (len(pieces) - at) * 66
        if len(rest.encode('utf-16-be')) // 2 <= room:
            found.append((pieces[at - 1][-20:], pieces[at][:20]))
    return found


@row('submit_sm', 'no number is cut in two where that is free')
def submit_numbers(w):
    for text in ('юрист Москва', 'нужен врач Казань', 'жумуш Екатеринбург',
                 'юрист Казань', 'ночлег Москва', 'мактаб Новосибирск'):
        got = w.asks(w.places['trx'], text, data_coding=8)
        w.eq(needless_cuts([e['fields']['short_message']['message']
                            for e in got]), [], 'the cuts of %r' % text)


@row('submit_sm', 'a window of one')
def submit_window(w):
    place, numbers = w.places['one'], [w.number() for _ in range(5)]
    since = w.peer.now()
    for number in numbers:
        w.say(place, number, short_message={'message': 'lawyer'})
    for number in numbers:
        w.answered(place, number, 'lawyer', since, latin1=True)


@row('submit_sm', 'throttled')
def submit_throttled(w):
    before = w.refused('slow', 'RTHROTTLED')
    place, number, since = submit_answered_with(
        w, 'slow', [smsc.RTHROTTLED] * 2)
    w.answered(place, number, 'lawyer', since, seconds=20)
    got = tries(place, number, since)
    w.eq(len(got), 3, 'tried three times')
    w.ok(got[1]['at_s'] - got[0]['at_s'] > 0.4, 'with a pause')
    w.ok(got[2]['at_s'] - got[1]['at_s'] > 0.8, 'and a longer one')
    w.eq(w.refused('slow', 'RTHROTTLED'), before + 2, 'counted')


@row('submit_sm', 'the queue is full: the link is quiet')
def submit_queue_full(w):
    place, number, since = submit_answered_with(w, 'slow', [smsc.RMSGQFUL])
    kit.wait_for('the refusal', 10, lambda: tries(place, number, since))
    other = w.number()
    w.say(place, other, short_message={'message': 'lawyer'})
    first = w.answered(place, other, 'lawyer', since, seconds=20)[0]
    w.ok(first['at_s'] - tries(place, number, since)[0]['at_s'] > 0.4,
         'another answer waits for the end of the pause')
    w.answered(place, number, 'lawyer', since, seconds=20)


@row('submit_sm', 'the second part throttled')
def submit_second_part(w):
    place, number, since = submit_answered_with(
        w, 'slow', [0, smsc.RTHROTTLED], 'МЕНЮ', data_coding=8)
    taken = w.answered(place, number, 'МЕНЮ', since, seconds=20)
    got = tries(place, number, since)
    heads = [e['fields']['short_message']['udh'][0] for e in got]
    w.eq(len({h[2:4] for h in heads}), 1, 'the same reference again')
    w.eq([h[5] for h in heads], [1, 2, 2], 'that part alone goes out again')
    w.eq(len(taken), 2, 'each is taken once')


@row('submit_sm', 'failures that pass')
def submit_again(w):
    for status in (smsc.RSYSERR, smsc.RX_T_APPN, smsc.RSUBMITFAIL, 0x400):
        place, number, since = submit_answered_with(w, 'slow', [status])
        w.answered(place, number, 'lawyer', since, seconds=20)
        w.eq(len(tries(place, number, since)), 2, 'tried twice')


@row('submit_sm', 'failures that do not pass')
def submit_never(w):
    for status, name in ((smsc.RINVDSTADR, 'RINVDSTADR'),
                         (smsc.RX_P_APPN, 'RX_P_APPN')):
        before, failed = w.refused('slow', name), w.counter('failed')
        place, number, since = submit_answered_with(w, 'slow', [status])
        w.reaches(lambda name=name: w.refused('slow', name), before + 1,
                  'counted as ' + name)
        w.reaches(lambda: w.counter('failed'), failed + 1, 'given up')
        time.sleep(2.5)
        w.eq(len(tries(place, number, since)), 1, 'tried once')


@row('submit_sm', 'answered by generic_nack')
def submit_nack(w):
    place, number, since = submit_answered_with(w, 'slow', ['silent'])
    kit.wait_for('a try', 10, lambda: tries(place, number, since))
    first = tries(place, number, since)[0]
    before = w.refused('slow', 'generic_nack')
    place.raw(smsc.pack(smsc.NACK, first['sequence'], smsc.RSYSERR),
              first['link'])
    w.answered(place, number, 'lawyer', since, seconds=20)
    w.eq(w.refused('slow', 'generic_nack'), before + 1, 'counted')


@row('submit_sm', 'the link dies before the response')
def submit_cut(w):
    place, number, since = submit_answered_with(w, 'slow', ['silent'])
    kit.wait_for('a try', 10, lambda: tries(place, number, since))
    w.peer.order('cut', link=tries(place, number, since)[0]['link'])
    w.answered(place, number, 'lawyer', since, seconds=20)
    w.eq(len(tries(place, number, since)), 2, 'sent again, once')


@row('submit_sm_resp', 'to nothing')
def submit_stray(w):
    place, before = w.places['trx'], w.refused('trx', 'stray_response')
    link = place.receiver()
    place.raw(smsc.pack(smsc.SUBMIT | smsc.RESP, 0x7000000, message_id='x'),
              link)
    place.raw(smsc.pack(smsc.DELIVER | smsc.RESP, 0x7000000), link)
    w.reaches(lambda: w.refused('trx', 'stray_response'), before + 2,
              'counted')
    w.lives(place, link)


@row('submit_sm_resp', 'with a body that breaks its form')
def submit_resp_bad(w):
    for body, reason in ((b'no NUL', 'no_nul'), (b'7\0\0\0', 'cut_tlv'),
                         (b'x' * 70 + b'\0', 'long_field')):
        before, sent = w.refused('slow', reason), w.counter('sent')
        place, number, since = submit_answered_with(w, 'slow', ['silent'])
        first = kit.wait_for('a try', 10,
                             lambda at=(place, number, since): tries(*at))[0]
        place.raw(struct.pack('>IIII', 16 + len(body), smsc.SUBMIT | smsc.RESP,
                              0, first['sequence']) + body, first['link'])
        w.reaches(lambda: w.counter('sent'), sent + 1, 'sent: ' + reason)
        w.eq(w.refused('slow', reason), before + 1, 'counted')


@row('submit_sm', 'many throttled at once')
def submit_many_throttled(w):
    place, since = w.places['slow'], w.peer.now()
    numbers = [w.number() for _ in range(10)]
    place.policy(submit=[smsc.RTHROTTLED] * len(numbers))
    for number in numbers:
        w.say(place, number, short_message={'message': 'lawyer'})
    for number in numbers:
        w.answered(place, number, 'lawyer', since, seconds=20)


# receipts -----------------------------------------------------------------

def receipts(w, name, make, good=True, text='lawyer', **fields):
    """An answer whose parts are reported; make(id) gives a receipt's fields.
    The counter of answers delivered, or failed, goes up by one."""
    place, what = w.places[name], 'delivered' if good else 'failed'
    got = w.asks(place, text, **fields)
    time.sleep(0.05)
    before = w.counter(what)
    for event in got:
        for one in make(event['id']):
            tag = w.say(place, '+996700000000',
                        **dict({'esm_class': 0x04}, **one))
            w.eq(place.status(tag)[1], 0, 'acknowledged')
    w.reaches(lambda: w.counter(what), before + 1, 'counted as ' + what)


def in_text(ident, stat='DELIVRD', shape=None):
    shape = shape or ('id:%s sub:001 dlvrd:001 submit date:2611220414 done '
                      'date:2611220415 stat:%s err:000 text:Sign nothing')
    return {'short_message': {'message': shape % (ident, stat)}}


@row('receipts', 'in text')
def receipt_text(w):
    receipts(w, 'trx', lambda i: [in_text(i)])


@row('receipts', 'in text, as vendors write it')
def receipt_vendors(w):
    for shape in ('ID: %s SUB: 001 STAT: %s ERR: 0',
                  'id:%s\tstat:%s', 'id:%s, stat:%s, err:1',
                  'id:0000%s sub:001 stat:%s'):
        receipts(w, 'trx', lambda i, shape=shape: [
            in_text(i.lower(), 'DELIVERED', shape)])


@row('receipts', 'in parameters')
def receipt_tlv(w):
    receipts(w, 'trx', lambda i: [{'receipted_message_id': i,
                                   'message_state': 2}])


@row('receipts', 'in parameters, without esm_class')
def receipt_no_class(w):
    receipts(w, 'trx', lambda i: [{'receipted_message_id': i,
                                   'message_state': 2, 'esm_class': 0}])


@row('receipts', 'in both, by data_sm')
def receipt_data(w):
    receipts(w, 'trx', lambda i: [{
        'receipted_message_id': i, 'message_state': 2, 'command': 'data_sm',
        'message_payload': in_text(i)['short_message']}])


@row('receipts', 'not delivered')
def receipt_failed(w):
    for stat in ('UNDELIV', 'EXPIRED', 'DELETED', 'REJECTD'):
        receipts(w, 'trx', lambda i, stat=stat: [in_text(i, stat)], good=False)
    receipts(w, 'trx', lambda i: [{'receipted_message_id': i,
                                   'message_state': 5}], good=False)


@row('receipts', 'on the way, then delivered')
def receipt_enroute(w):
    receipts(w, 'trx', lambda i: [in_text(i, 'ENROUTE'),
                                  in_text(i, 'ACCEPTD'), in_text(i)])


@row('receipts', 'of all parts')
def receipt_parts(w):
    receipts(w, 'trx', lambda i: [in_text(i)], text='МЕНЮ', data_coding=8)


@row('receipts', 'of one part that failed')
def receipt_part_failed(w):
    first = []

    def make(ident):
        first.append(ident)
        return [in_text(ident, 'DELIVRD' if len(first) == 1 else 'UNDELIV')]

    receipts(w, 'trx', make, good=False, text='МЕНЮ', data_coding=8)


@row('receipts', 'ids given in hex, told in decimals')
def receipt_decimal(w):
    receipts(w, 'dec', lambda i: [in_text('%010d' % int(i, 16))])


@row('receipts', 'ids given in decimals, told in hex')
def receipt_hex(w):
    w.places['hex'].policy(id='decimal')
    receipts(w, 'hex', lambda i: [in_text('%X' % int(i))])


@row('receipts', 'for an id nobody knows')
def receipt_unknown(w):
    place = w.places['trx']
    tag = w.say(place, w.number(), esm_class=4, **in_text('ABCDEF01'))
    w.eq(place.status(tag), ('deliver_sm_resp', 0), 'acknowledged')


@row('receipts', 'that cannot be read')
def receipt_bad(w):
    place, before = w.places['trx'], w.refused('trx', 'bad_receipt')
    for text in ('', 'hello', 'id: stat:', 'id:7 stat:HAPPY',
                 'sub:001 stat:DELIVRD'):
        tag = w.say(place, w.number(), esm_class=4,
                    short_message={'message': text})
        w.eq(place.status(tag), ('deliver_sm_resp', 0), 'acknowledged')
    w.eq(w.refused('trx', 'bad_receipt'), before + 5, 'counted')
