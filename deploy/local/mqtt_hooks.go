package local

import (
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/hooks/storage"
	"github.com/mochi-mqtt/server/v2/hooks/storage/bolt"
	"github.com/mochi-mqtt/server/v2/packets"
)

// door is where messages enter the broker. The library acknowledges a message
// first and hands it out afterwards, and drops it where a subscriber has too
// many waiting. Here a message waits for room, is handed out and stored, and
// then acknowledged.
type door struct {
	mqtt.HookBase
	server *mqtt.Server
	// inside hands messages out that have passed the door.
	inside *mqtt.Client
	log    *slog.Logger
	// limit is how many messages may wait for a subscriber.
	limit int
}

// ID names the hook.
func (*door) ID() string { return "door" }

// Provides says which hooks there are.
func (*door) Provides(b byte) bool {
	return slices.Contains([]byte{mqtt.OnConnectAuthenticate, mqtt.OnACLCheck, mqtt.OnPublish}, b)
}

// OnConnectAuthenticate lets everybody in who reaches the loopback address.
func (*door) OnConnectAuthenticate(*mqtt.Client, packets.Packet) bool { return true }

// OnACLCheck keeps publishers within the topics of the platform.
func (*door) OnACLCheck(_ *mqtt.Client, topic string, write bool) bool {
	// ioc-spare/ is where ingest processes that share write to themselves.
	return !write || strings.HasPrefix(topic, "ioc/") || strings.HasPrefix(topic, "ioc-spare/")
}

// OnPublish hands a message out before the library acknowledges it. Only the
// message of a device comes here twice: the second time from inside.
func (d *door) OnPublish(cl *mqtt.Client, pk packets.Packet) (packets.Packet, error) {
	if cl.Net.Inline {
		return pk, nil
	}
	if !d.awaitRoom(cl, pk.TopicName) {
		// Not acknowledged: the publisher has it, and sends it again.
		return pk, packets.ErrRejectPacket
	}
	passed := pk.Copy(false)
	// Also what came with QoS 0 is kept until it is stored: a device that
	// expects nothing still counts.
	passed.FixedHeader.Qos = 1
	passed.FixedHeader.Retain = pk.FixedHeader.Retain
	passed.PacketID = 1
	passed.Properties.TopicAlias, passed.Properties.TopicAliasFlag = 0, false
	if err := d.server.InjectPacket(d.inside, passed); err != nil {
		d.log.Warn("mqtt_message_refused", "client", cl.ID, "topic", pk.TopicName, "error", err)
		return pk, packets.ErrRejectPacket
	}
	return pk, packets.CodeSuccessIgnore
}

// awaitRoom blocks the publisher's connection until every subscriber of the
// topic can take one more message. It returns false when the connection ends.
func (d *door) awaitRoom(cl *mqtt.Client, topic string) bool {
	full := d.full(topic)
	if full == "" {
		return true
	}
	d.log.Warn("mqtt_publisher_waits", "client", cl.ID, "topic", topic, "for_subscriber", full, "unacknowledged", d.limit)
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for range again.C {
		if cl.Closed() {
			return false
		}
		if d.full(topic) == "" {
			return true
		}
	}
	return false
}

// full names a subscriber of the topic that can't take another message.
func (d *door) full(topic string) string {
	found := d.server.Topics.Subscribers(topic)
	for id := range found.Subscriptions {
		if d.isFull(id) {
			return id
		}
	}
	for _, group := range found.Shared {
		for id := range group {
			if d.isFull(id) {
				return id
			}
		}
	}
	return ""
}

func (d *door) isFull(id string) bool {
	cl, found := d.server.Clients.Get(id)
	return found && cl.State.Inflight.Len() >= d.limit
}

// store is the library's store without the writes that would cost a sync of the
// disk each and keep nothing: acknowledgements, which are sent at once, and
// statistics. And it mends two things that would cost messages: see
// StoredInflightMessages and OnQosDropped.
type store struct {
	bolt.Hook
}

// Provides says which hooks there are.
func (s *store) Provides(b byte) bool {
	return b != mqtt.OnSysInfoTick && b != mqtt.StoredSysInfo && s.Hook.Provides(b)
}

// OnQosPublish keeps a message for a session. One that is sent again is kept already.
func (s *store) OnQosPublish(cl *mqtt.Client, pk packets.Packet, sent int64, resends int) {
	if pk.FixedHeader.Type == packets.Puback || pk.FixedHeader.Dup {
		return
	}
	s.Hook.OnQosPublish(cl, pk, sent, resends)
}

// OnQosComplete forgets a message that the session acknowledged. The broker's
// own acknowledgement comes here too; it is told by its date.
func (s *store) OnQosComplete(cl *mqtt.Client, pk packets.Packet) {
	if pk.FixedHeader.Type == packets.Puback && pk.Created != 0 {
		return
	}
	s.Hook.OnQosComplete(cl, pk)
}

// OnQosDropped forgets a message that will not be delivered. When a session
// comes back on a new connection, the library drops its messages from the old
// one, to store them again when they are sent: a crash in between would lose
// them. They stay.
func (s *store) OnQosDropped(cl *mqtt.Client, pk packets.Packet) {
	if cl.IsTakenOver() {
		return
	}
	s.Hook.OnQosComplete(cl, pk)
}

// StoredInflightMessages reads what is kept for sessions. The library's store
// leaves out the packet identifier, without which nothing can be sent again and
// the session never comes back; it stands at the end of the key.
func (s *store) StoredInflightMessages() ([]storage.Message, error) {
	messages, err := s.Hook.StoredInflightMessages()
	if err != nil {
		return nil, fmt.Errorf("read undelivered messages: %w", err)
	}
	for i, message := range messages {
		id, err := strconv.ParseUint(message.ID[strings.LastIndexByte(message.ID, ':')+1:], 10, 16)
		if err != nil {
			return nil, fmt.Errorf("read undelivered message %q: %w", message.ID, err)
		}
		messages[i].PacketID = uint16(id)
	}
	return messages, nil
}
