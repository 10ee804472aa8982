package schemas

import "strings"

// data reads the data of an event by its type.
func (f fields) data(t Type) Data {
	switch t {
	case TypeReading:
		return f.readings()
	case TypeDossier:
		return f.dossier()
	case TypeCall:
		return f.call()
	case TypeTicket:
		return f.ticket()
	case TypeDocument:
		return f.document()
	case TypeMeeting:
		return f.meeting()
	case TypeProcedure:
		return f.catalogueEntry()
	case TypeCamera:
		return f.camera()
	case TypeSensor:
		return f.sensor()
	case TypeSecurity:
		return f.security()
	case TypeFigure:
		return f.figure()
	}
	return nil
}

// maxReadings is how many readings one event may hold.
const maxReadings = 1000

// readings reads either one value, or a list of them.
func (f fields) readings() Readings {
	list := f.of.member("readings")
	if list == nil {
		return Readings{f.reading()}
	}
	switch n := len(list.children); {
	case f.of.member("metric") != nil:
		f.fail(faultBoth(f.at("readings")))
		return nil
	case list.kind != '[':
		f.fail(faultWrongType(f.at("readings"), list, wantList(maxReadings)))
		return nil
	case n == 0 || n > maxReadings:
		f.fail(faultTooMany(f.at("readings"), n, wantList(maxReadings)))
		return nil
	}
	out := make(Readings, 0, len(list.children))
	for i := range list.children {
		one := fields{reader: f.reader, of: &list.children[i], prefix: "data.readings", index: i}
		if one.of.kind != '{' {
			f.fail(faultWrongType(strings.TrimSuffix(one.at(""), "."), one.of, wantObject()))
		}
		if f.fault != nil {
			return nil
		}
		out = append(out, one.reading())
	}
	return out
}

func (f fields) reading() Reading {
	return Reading{
		Metric: f.key("metric", 64),
		Value:  f.number("value", -1e15, 1e15),
		Unit:   f.optText("unit", 32),
		Dims:   f.dims(),
	}
}
